import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStart } from './process-table.js';

const POLL_MS = 50;
const POLLS_BEFORE_A_WORD = 100;
const WRITING_MS = 5_000;

/**
 * Does the work while no other process that asks for the same lock file does its own. The file names its holder, so a
 * holder that was killed doesn't lock anybody out.
 */
export async function withFolderLock<T>(path: string, say: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const claim = `${process.pid} ${processStart(process.pid)} ${randomUUID()}`;
  for (let polls = 1; !tryLock(path, claim); polls++) {
    if (polls === POLLS_BEFORE_A_WORD)
      say(`Waiting for another process that starts or stops the database (${path}) ...`);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string, claim: string): boolean {
  try {
    writeFileSync(path, claim, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = read(path);
  if (holder !== null && isAbandoned(path, holder)) discard(path, holder);
  return false;
}

function isAbandoned(path: string, holder: string): boolean {
  const [pid, start] = holder.split(' ');
  if (pid && start) return processStart(Number(pid)) !== start;
  // Made but not written yet: its maker is about to, or was killed in between.
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  return Date.now() - made > WRITING_MS;
}

/**
 * Removes the lock of a dead holder. Another process may have replaced it by its own since we read it, so it is moved
 * aside, looked at and, if it is a living one, put back. Should a third process slip in just then, no harm is done:
 * the folder is renamed into place whole, and PostgreSQL itself lets only one server have it.
 */
function discard(path: string, holder: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (read(aside) !== holder) linkSync(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
