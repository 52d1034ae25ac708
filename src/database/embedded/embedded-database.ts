import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { storedSecret } from '../../config/secrets.js';
import { type PostgresBinaries, postgresBinaries } from './binaries.js';
import { type Cluster, clusterExists, makeCluster, takeOver } from './cluster.js';
import { EmbeddedDatabaseError } from './embedded-database.error.js';
import { withFolderLock } from './folder-lock.js';
import { launcherFor } from './launcher.js';
import { runningServer, startServer } from './postmaster.js';
import { openPresence } from './session.js';
import { SharedServer } from './shared-server.js';

/** A PostgreSQL server on this machine that runs as long as somebody uses it. */
export interface EmbeddedDatabase {
  /** Its address, with the password. It stays the same until `release`, even if the server dies and is started again. */
  readonly url: string;
  /** Stops the server if nobody else uses it any more. Close your own connections first. */
  release(): Promise<void>;
}

/**
 * Makes the database in the data folder if it isn't there, starts its server if it doesn't run, and keeps it running
 * until it is released. Any number of processes may do so at the same time; the last one that leaves stops the server.
 * @param say is given a line for a person who waits.
 * @param meanwhile is called while the server starts, if it has to: work for this process, which may block it.
 * @throws EmbeddedDatabaseError when it can't be done, with a sentence that says what to do.
 */
export async function openEmbeddedDatabase(
  dataDir: string,
  say: (line: string) => void,
  meanwhile?: () => Promise<unknown>,
): Promise<EmbeddedDatabase> {
  try {
    const binaries = await postgresBinaries();
    mkdirSync(dataDir, { recursive: true });
    const realDataDir = realpathSync(dataDir);
    const lockFile = join(realDataDir, 'postgres.lock');
    return await withFolderLock(lockFile, say, async () => {
      const cluster = clusterIn(realDataDir, lockFile, binaries);
      const port = await openServer(cluster, dataDir, say, meanwhile);
      return new SharedServer(cluster, port, await openPresence(cluster, port), say);
    });
  } catch (error) {
    throw explained(error);
  }
}

function clusterIn(dataDir: string, lockFile: string, binaries: PostgresBinaries): Cluster {
  const folder = join(dataDir, 'postgres');
  refuseForeignFolder(folder);
  return {
    dataDir,
    folder,
    lockFile,
    logFile: join(dataDir, 'postgres.log'),
    password: storedSecret(dataDir, 'postgres-password', () => randomBytes(32).toString('hex')),
    binaries,
    launcher: launcherFor(dataDir, folder, binaries),
  };
}

async function openServer(
  cluster: Cluster,
  dataDir: string,
  say: (line: string) => void,
  meanwhile?: () => Promise<unknown>,
): Promise<number> {
  if (!clusterExists(cluster)) {
    say(`Making the database in ${dataDir}/postgres ...`);
    await makeCluster(cluster);
    return startServer(cluster, { meanwhile });
  }
  const running = await runningServer(cluster);
  if (running !== null) {
    say('Using the database, which runs already.');
    return running;
  }
  say('Starting the database ...');
  takeOver(cluster);
  return startServer(cluster, { meanwhile });
}

function refuseForeignFolder(folder: string): void {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  const user = process.getuid?.();
  if (owner === undefined || user === undefined || user === 0 || user === owner) return;
  throw new EmbeddedDatabaseError(
    `${folder} belongs to another user (uid ${owner}). Start Homing as that user or as root, set another DATA_DIR, or give its parent folder to yourself with: sudo chown -R`,
  );
}

function explained(error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  if (
    error instanceof EmbeddedDatabaseError ||
    !path ||
    !code ||
    !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)
  )
    return error;
  return new EmbeddedDatabaseError(
    `${path} cannot be used by this user (${code}). Set DATA_DIR to a folder that is yours, start Homing as the user who made it, or set DATABASE_URL.`,
    { cause: error },
  );
}
