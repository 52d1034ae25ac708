import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, fchownSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { EmbeddedDatabaseError } from './embedded-database.error.js';
import { freePort } from './free-port.js';
import { disownPostmasterFile, holderOf, readPostmasterFile } from './postmaster-file.js';
import { processCommand, processEnded, processesIn, processStart, signal } from './process-table.js';
import { ask } from './session.js';

const SILENCE_MS = 10_000;
const RETRY_MS = 15_000;
const QUIT_MS = 3_000;
const STOP_MS = 60_000;

/** Processes of a server that was killed still use its memory. */
const ORPHANS = /pre-existing shared memory block/;
/** Failures that pass: another program took the port, another process was faster, or orphans still end. */
const PASSING = new RegExp(`Address already in use|lock file "postmaster.pid" already exists|${ORPHANS.source}`);

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

/** The port of a server that runs already for this folder, perhaps since before a crash of the service; null: none does. */
export async function runningServer(cluster: Cluster): Promise<number | null> {
  let deadline = Date.now() + SILENCE_MS;
  for (;;) {
    const file = readPostmasterFile(cluster.folder);
    if (!file) return null;
    const holder = holderOf(file.pid, cluster.folder);
    if (holder === 'foreign') {
      disownPostmasterFile(cluster.folder);
      return null;
    }
    const answer = file.status === 'ready' && file.port ? await ask(cluster, file.port) : 'none';
    if (answer === 'ours' && file.port) return file.port;
    // A recovery takes what it takes; in any other state a server that doesn't answer for long is stuck.
    if (file.status === 'starting' || answer === 'soon') deadline = Date.now() + SILENCE_MS;
    if (Date.now() > deadline) {
      await endStuckServer(cluster, file.pid, holder);
      return null;
    }
    await sleep(50);
  }
}

/**
 * Starts the server in a session of its own, so that no Ctrl-C reaches it before the service has drained.
 * @param options.usualPort the port it should have if that is free, since somebody still knows it.
 * @param options.meanwhile is called each time a server begins to start, and it is not asked anything before this has resolved:
 * what blocks this process would make it miss the answer.
 * @returns its port, once it answers.
 */
export async function startServer(
  cluster: Cluster,
  { usualPort, meanwhile }: { usualPort?: number; meanwhile?: () => Promise<unknown> } = {},
): Promise<number> {
  const deadline = Date.now() + RETRY_MS;
  for (;;) {
    // A leftover file tells the port under which processes that outlived the server still look for it.
    const port = await freePort(usualPort ?? readPostmasterFile(cluster.folder)?.port);
    const failure = await launch(cluster, port, meanwhile);
    if (failure === null) return port;
    if (!PASSING.test(failure) || Date.now() > deadline) {
      throw new EmbeddedDatabaseError(`The embedded database did not start; its log is ${cluster.logFile}: ${failure}`);
    }
    if (ORPHANS.test(failure)) endOrphans(cluster);
    await sleep(200);
    const winner = await runningServer(cluster);
    if (winner !== null) return winner;
  }
}

/** Stops the server in order: clients are cut off, everything is written, nothing needs to be recovered. */
export async function stopServer({ folder }: Cluster): Promise<void> {
  const file = readPostmasterFile(folder);
  if (!file || holderOf(file.pid, folder) === 'foreign') return;
  signal(file.pid, 'SIGINT');
  if (await processEnded(file.pid, STOP_MS)) return;
  throw new EmbeddedDatabaseError(`The embedded database (process ${file.pid}) has not stopped within a minute.`);
}

/** Gives a look whether the process of the server that runs now is still there. */
export function watchServer({ folder }: Cluster): () => boolean {
  const pid = readPostmasterFile(folder)?.pid;
  const start = pid === undefined ? null : processStart(pid);
  return () => pid !== undefined && processStart(pid) === start;
}

async function endStuckServer(cluster: Cluster, pid: number, holder: 'ours' | 'unclear'): Promise<void> {
  if (holder === 'unclear') {
    throw new EmbeddedDatabaseError(
      `Process ${pid} may be a PostgreSQL server that uses ${cluster.folder}, but it does not answer. Stop it, or if it is another server, remove ${cluster.folder}/postmaster.pid.`,
    );
  }
  signal(pid, 'SIGQUIT');
  if (await processEnded(pid, QUIT_MS)) return;
  signal(pid, 'SIGKILL');
  await processEnded(pid, QUIT_MS);
}

/**
 * They end when they see that their server is dead, except for those that wait for a lock of one that was killed, or that
 * are stopped: they would keep the next server from starting for ever. A server ends its processes so, too, when one of
 * them crashes; what they had not committed, nobody was told to be there.
 */
function endOrphans({ folder }: Cluster): void {
  const orphans = processesIn(folder).filter((pid) => processCommand(pid)?.startsWith('postgres: '));
  for (const pid of orphans) signal(pid, 'SIGKILL');
}

/** @returns null when it answers, else why it ended. */
async function launch(cluster: Cluster, port: number, meanwhile?: () => Promise<unknown>): Promise<string | null> {
  const { binaries, folder, launcher, logFile } = cluster;
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'a', 0o600);
  const logged = fstatSync(log).size;
  if (launcher.user) fchownSync(log, launcher.user.uid, launcher.user.gid);
  const stdio = ['ignore', log, log] satisfies StdioOptions;
  const child = launcher.spawn(binaries.postgres, ['-D', folder, ...settings], { detached: true, stdio });
  closeSync(log);
  child.unref();
  let failure = '';
  child.once('error', (error) => (failure = error.message));
  try {
    await meanwhile?.();
    do {
      await sleep(20);
      if (isReady(child, folder) && (await ask(cluster, port)) === 'ours') return null;
    } while (child.pid && child.exitCode === null && child.signalCode === null);
  } catch (error) {
    child.kill('SIGINT');
    throw error;
  }
  return failure || readFileSync(logFile).subarray(logged).toString().trim();
}

function isReady({ pid }: ChildProcess, folder: string): boolean {
  const file = readPostmasterFile(folder);
  return file?.pid === pid && file?.status === 'ready';
}
