import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processCommand } from './process-table.js';

/** What a server writes about itself into `postmaster.pid` of its data folder. */
export interface PostmasterFile {
  readonly pid: number;
  /** Missing until the server knows it. */
  readonly port: number | undefined;
  readonly status: string | undefined;
}

/** Whose process it is: of this folder's server, perhaps of it, of anything else, or of nothing any more. */
export type Holder = 'ours' | 'unclear' | 'foreign';

/** Reads the file; null when there is none, which means that no server has run or it was stopped in order. */
export function readPostmasterFile(folder: string): PostmasterFile | null {
  const lines = contents(folder)?.split('\n');
  if (!lines?.[0]) return null;
  return { pid: Number(lines[0]), port: Number(lines[3]) || undefined, status: lines[7]?.trim() };
}

/**
 * Who has the pid that the file names. After a crash or in a new container it may be any program's, even of a server with
 * a copy of this folder. Ours are started as `postgres -D <folder> -c ...`.
 */
export function holderOf(pid: number, folder: string): Holder {
  const command = processCommand(pid);
  const servedFolder = / -D (\/.*?)(?: -c |$)/.exec(command ?? '')?.[1];
  if (servedFolder === folder) return 'ours';
  const mayBeServer = servedFolder === undefined && /^(?:\S*\/)?postgres(?: |$)/.test(command ?? '');
  return mayBeServer ? 'unclear' : 'foreign';
}

/**
 * Makes PostgreSQL see that the file is left over: it won't start while the pid is alive, whatever program has it, unless
 * it is its own parent's. Removing the file would do as well, but with it goes the key of the shared memory, by which
 * PostgreSQL makes sure that no orphan of the former server still writes.
 */
export function disownPostmasterFile(folder: string): void {
  const [pid = '', ...rest] = contents(folder)?.split('\n') ?? [];
  if (pid === '') return;
  // Overwritten in place and no shorter, the file is never empty, which PostgreSQL would take for a fault.
  const text = [String(process.pid).padStart(pid.length, '0'), ...rest].join('\n');
  writeFileSync(join(folder, 'postmaster.pid'), text, { flag: 'r+' });
}

function contents(folder: string): string | null {
  try {
    return readFileSync(join(folder, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
