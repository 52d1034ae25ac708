import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'bullmq';

/**
 * Lets a worker wait for so many milliseconds before it asks its queue again after an error. BullMQ does so only where a connection
 * was refused. A database that is going down, starting, or behind a proxy answers otherwise, and would be asked thousands of times a
 * second.
 */
export function waitAfterErrors(worker: Worker, delay: number): void {
  // BullMQ has no option for it; this is what its main loop calls.
  const loop = worker as unknown as { _getNextJob?: (...args: unknown[]) => Promise<unknown> };
  // An application that has the package may have a later BullMQ, made otherwise.
  const getNextJob = loop._getNextJob?.bind(loop);
  if (!getNextJob) return;
  loop._getNextJob = (...args) =>
    getNextJob(...args).catch(async (error: unknown) => {
      await pause(delay, undefined, { ref: false });
      throw error;
    });
}
