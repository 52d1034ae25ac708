// Memory of a process of Node without its garbage.
import { setTimeout as pause } from 'node:timers/promises';
import { memory } from './usage.mjs';

/** Arguments for a process whose memory is asked. */
export const COLLECTING = ['--expose-gc', '--import', new URL('collect-garbage.mjs', import.meta.url).pathname];

/** What a process has in use (RSS) once it has collected its garbage, in bytes. */
export async function memoryInUse(pid) {
  process.kill(pid, 'SIGUSR2');
  await pause(2_000);
  return memory(pid);
}
