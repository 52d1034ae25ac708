// Backends in a process of their own, so that they keep neither those who receive nor those who measure from working.
import { ChildOrders } from '../child-orders.mjs';

/** Starts 16 backends of a tenant: see `process.mjs` for what they can be told. */
export async function startBackends(service, key = service.key) {
  const backends = new ChildOrders(new URL('process.mjs', import.meta.url));
  await backends.order('use', { url: service.url, key, databaseUrl: service.databaseUrl });
  return backends;
}
