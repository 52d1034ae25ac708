import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import { EmbeddedDatabaseError } from './embedded-database.error.js';
import type { Launcher, User } from './launcher.js';

/** The superuser of the embedded server. */
export const SUPERUSER = 'homing';

/** Where the embedded server's data are, and all that it takes to start it. */
export interface Cluster {
  /** The folder above, which holds everything that Homing keeps: an absolute path without links. */
  readonly dataDir: string;
  /** PostgreSQL's own data folder. */
  readonly folder: string;
  /** Held by the process that makes, starts or stops the database. */
  readonly lockFile: string;
  readonly logFile: string;
  readonly password: string;
  readonly binaries: PostgresBinaries;
  readonly launcher: Launcher;
}

const UNFINISHED = 'postgres.new-';

/** Whether the data folder has been made. @throws EmbeddedDatabaseError when it holds something else. */
export function clusterExists({ folder }: Cluster): boolean {
  if (existsSync(join(folder, 'PG_VERSION'))) return true;
  if (!existsSync(folder) || readdirSync(folder).length === 0) return false;
  throw new EmbeddedDatabaseError(
    `${folder} holds files but no PostgreSQL database. Move them away, or set another DATA_DIR.`,
  );
}

/**
 * Makes the data folder: beside its place, and moved there when it is complete, so that a start that is cut off leaves
 * nothing that looks like a database.
 */
export async function makeCluster(cluster: Cluster): Promise<void> {
  removeUnfinished(cluster.dataDir);
  const workshop = join(cluster.dataDir, `${UNFINISHED}${randomUUID()}`);
  const passwordFile = join(workshop, 'password');
  const made = join(workshop, 'data');
  try {
    mkdirSync(workshop, { mode: 0o700 });
    writeFileSync(passwordFile, cluster.password, { mode: 0o600 });
    giveTo(cluster.launcher.user, workshop);
    await initdb(cluster, made, passwordFile);
    renameSync(made, cluster.folder);
    syncFolder(cluster.dataDir);
  } finally {
    rmSync(workshop, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Gives an existing data folder that root copied or restored to the user whom the server runs as. */
export function takeOver({ folder, launcher }: Cluster): void {
  if (launcher.user && statSync(folder).uid !== launcher.user.uid) giveTo(launcher.user, folder);
  chmodSync(folder, 0o700);
}

function initdb({ binaries, launcher }: Cluster, folder: string, passwordFile: string): Promise<void> {
  const access = [`--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  // The same order of texts on every machine and after every upgrade of its system libraries.
  const locale = ['--encoding=UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [`--pgdata=${folder}`, ...access, ...locale, '--no-instructions'];
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      reject(
        new EmbeddedDatabaseError(
          `The embedded database could not be made: ${reason} Set DATABASE_URL to use another PostgreSQL server.`,
        ),
      );
    let complaint = '';
    const child = launcher.spawn(binaries.initdb, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', (error) => fail(`${error.message}.`));
    child.on('close', (code, signal) =>
      code === 0 ? resolve() : fail(complaint.trim() || `initdb ended with ${signal ?? code}.`),
    );
  });
}

function removeUnfinished(dataDir: string): void {
  const leftovers = readdirSync(dataDir).filter((name) => name.startsWith(UNFINISHED));
  // An initdb whose service was killed may still be writing into its own.
  for (const name of leftovers) rmSync(join(dataDir, name), { recursive: true, force: true, maxRetries: 5 });
}

/** What is inside comes first: cut off in between, the folder still looks like one to be given. */
function giveTo(user: User | null, folder: string): void {
  if (!user) return;
  const inside = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of inside) lchownSync(join(folder, name), user.uid, user.gid);
  chownSync(folder, user.uid, user.gid);
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
