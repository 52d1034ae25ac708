import { setTimeout as pause } from 'node:timers/promises';

const STEP = 10;

/** Calls `attempt` until it stops throwing, and gives its result; after `deadline` milliseconds its last error. */
export async function eventually<T>(attempt: () => T | Promise<T>, deadline = 15_000): Promise<T> {
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
