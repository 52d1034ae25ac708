import { setTimeout as pause } from 'node:timers/promises';

const STEP = 10;

/** How long a condition is waited for, in milliseconds: long enough for a machine that is busy with other things, which must not decide. */
export const PATIENCE = 120_000;
/** The same for a process to start. What has not started by then hangs. */
export const START_PATIENCE = 240_000;

/** Calls `attempt` until it stops throwing, and gives its result; after `deadline` milliseconds its last error. */
export async function eventually<T>(attempt: () => T | Promise<T>, deadline = PATIENCE): Promise<T> {
  const end = performance.now() + deadline;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await pause(STEP);
    }
  }
}
