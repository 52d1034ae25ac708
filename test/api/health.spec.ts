import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Admin, PASSWORD } from '../support/admin.js';
import { DatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { oneProcess, queue, queueIsHere, Service } from '../support/service.js';

const here = queueIsHere && oneProcess('It stops, breaks or watches a step inside a node.');

describe.runIf(here)('the probe for readiness', () => {
  let proxy: DatabaseProxy;
  let service: Service;
  beforeAll(async () => {
    proxy = await DatabaseProxy.to(inject('databaseUrl'));
    service = await Service.startBehind(proxy.url, { ADMIN_PASSWORD: PASSWORD });
  });
  afterAll(async () => {
    await service.stop();
    proxy.close();
  });

  const ready = async (): Promise<{ status: number; body: unknown }> => {
    // A probe of Kubernetes or Docker waits for seconds, not for the half minute that a statement has.
    const response = await fetch(`${service.url}/health/ready`, { signal: AbortSignal.timeout(10_000) });
    return { status: response.status, body: await response.json() };
  };

  it('answers 200 while the database answers', async () => {
    const up = { status: 'up' };
    const details = { database: up, queue: up, relay: up, drain: up };
    const roles = ['api', 'gateway', 'worker'];
    const body = { status: 'ok', roles, database: 'ok', queue: 'ok', draining: false, details };
    // The relay is a moment later than the port: nothing is late for it, and nobody is sent away.
    await eventually(async () => expect(await ready()).toEqual({ status: 200, body }));
  });

  it('answers 503 when the database says nothing, and 200 when it is back; a flood of them takes one connection', async () => {
    proxy.silence();
    await eventually(async () =>
      expect(await ready()).toMatchObject({
        status: 503,
        body: { status: 'unavailable', database: 'unreachable', details: { database: { status: 'down' } } },
      }),
    );
    const { master } = service.dataSource.driver as unknown as { master: { waitingCount: number } };
    let waiting = 0;
    const watching = setInterval(() => (waiting = Math.max(waiting, master.waitingCount)), 1);
    for (const { status } of await Promise.all(Array.from({ length: 100 }, ready))) expect(status).toBe(503);
    clearInterval(watching);
    expect(waiting).toBeLessThan(10);
    // Nor do the admin pages wait for it: the login is asked for, and what needs the database says so.
    const admin = await Admin.of(service);
    expect((await admin.fetch('')).status).toBe(200);
    for (const path of ['/api/overview', ...(queue === 'postgres' ? ['/queues/api/queues'] : [])])
      expect((await admin.fetch(path, { signal: AbortSignal.timeout(15_000) })).status, path).toBe(503);
    proxy.restore();
    await eventually(async () => expect((await ready()).status).toBe(200));
  });

  it('is not the one for liveness, which says that the loop turns', async () => {
    const response = await fetch(`${service.url}/health/live`);
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(await response.json()).toEqual({ status: 'ok', details: { loop: { status: 'up' } } });
  });

  it('leaves what is not there to Nest', async () => {
    expect((await fetch(`${service.url}/health/other`)).status).toBe(404);
  });
});
