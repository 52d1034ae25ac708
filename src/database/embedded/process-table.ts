import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When the process began, in a form that is only good for comparing; null when it has ended. A pid alone is given again
 * to other processes, in a container even at every start; together with this it names one process.
 */
export function processStart(pid: number): string | null {
  const [state, start] = process.platform === 'linux' ? linuxProcess(pid) : portableProcess(pid);
  // A zombie waits for its parent to notice. After the death of its starter that may be never, and it runs no more.
  return state === undefined || start === undefined || state.startsWith('Z') ? null : start;
}

/** The command line of a process; null when it has ended. */
export function processCommand(pid: number): string | null {
  if (processStart(pid) === null) return null;
  if (process.platform !== 'linux') return ps(pid, 'command');
  return readProcessFile(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? null;
}

/**
 * The processes that work in a folder, as far as this user may know.
 * @returns none where the system has no `/proc` to tell them.
 */
export function processesIn(folder: string): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => processStart(pid) !== null && workingFolder(pid) === folder);
}

/** Sends a signal to a process, which may have ended meanwhile. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Waits until the process has ended. @returns whether it has, in that time. */
export async function processEnded(pid: number, milliseconds: number): Promise<boolean> {
  const start = processStart(pid);
  if (start === null) return true;
  const deadline = Date.now() + milliseconds;
  for (;;) {
    if (processStart(pid) !== start) return true;
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
}

function linuxProcess(pid: number): readonly (string | undefined)[] {
  const stat = readProcessFile(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, which may hold spaces and brackets itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [fields?.[0], fields?.[19]];
}

function readProcessFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

function portableProcess(pid: number): readonly (string | undefined)[] {
  return [ps(pid, 'state') ?? undefined, ps(pid, 'lstart') ?? undefined];
}

function ps(pid: number, column: string): string | null {
  try {
    const env = { ...process.env, LC_ALL: 'C' };
    const args = ['-ww', '-o', `${column}=`, '-p', String(pid)];
    return execFileSync('ps', args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
