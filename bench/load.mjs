// Steady load, and many connections.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Does `work` `rate` times a second, whether it is done in time or not, and waits for all of it; gives how often it was.
 * @param mayGoOn whether it may be done once more, asked each time
 */
export async function atRate(rate, count, work, mayGoOn = () => true) {
  const began = performance.now();
  const pending = [];
  for (let i = 0; i < count && mayGoOn(); i += 1) {
    pending.push(work(i));
    const early = (i * 1_000) / rate - (performance.now() - began);
    if (early > 0) await pause(early);
  }
  await Promise.all(pending);
  return pending.length;
}

/** Connects recipients by `connect`, 50 at a time; gives what it gives for each. */
export async function connectAll(names, connect) {
  const connected = [];
  for (let i = 0; i < names.length; i += 50)
    connected.push(...(await Promise.all(names.slice(i, i + 50).map((name, j) => connect(name, i + j)))));
  return connected;
}

/** The names of so many recipients. */
export function recipients(count, prefix) {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}
