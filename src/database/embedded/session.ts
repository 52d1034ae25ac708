import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, DatabaseError } from 'pg';
import { type Cluster, SUPERUSER } from './cluster.js';
import { EmbeddedDatabaseError } from './embedded-database.error.js';

/** The database that the service uses. */
export const DATABASE = 'homing';

/** A connection that doesn't keep the process running unless it is asked to. */
export type Session = Client & { ref(): void; unref(): void };

const PRESENCE = 'homing presence';
/** For whoever asks what is at a port, and can ask again. */
const ASK_TIMEOUT_MS = 2_000;
/** For a server that is known to be there, on a machine that is slow or busy. */
const CONNECT_TIMEOUT_MS = 30_000;
const LEAVING_MS = 1_000;

/** What is at a port: this folder's server, one that is about to accept connections, or nothing of the kind. */
export type Answer = 'ours' | 'soon' | 'none';

/**
 * Asks who answers at the port.
 * @throws EmbeddedDatabaseError when it is a server that doesn't know our password.
 */
export async function ask(cluster: Cluster, port: number): Promise<Answer> {
  try {
    const session = await connect(cluster, port, 'postgres', ASK_TIMEOUT_MS);
    const { rows } = await session
      .query<{ data_directory: string }>('SHOW data_directory')
      .finally(async () => session.end());
    return realpathSync(rows[0]?.data_directory ?? '') === cluster.folder ? 'ours' : 'none';
  } catch (error) {
    if (!(error instanceof DatabaseError)) return 'none';
    if (error.code === '57P03') return error.message.includes('shutting down') ? 'none' : 'soon';
    if (error.code !== '28P01') return 'none';
    throw new EmbeddedDatabaseError(
      `The database in ${cluster.folder} does not accept the password in ${cluster.dataDir}/secrets/postgres-password. Restore that file as it was when the database was made.`,
      { cause: error },
    );
  }
}

/**
 * Opens the session by which others see that this process uses the server: its pool may not be open yet, or not any more.
 * Makes the database first when it isn't there.
 */
export async function openPresence(cluster: Cluster, port: number): Promise<Session> {
  const session = await connect(cluster, port, DATABASE).catch(async (error: unknown) => {
    if (!(error instanceof DatabaseError) || error.code !== '3D000') throw error;
    await createDatabase(cluster, port);
    return connect(cluster, port, DATABASE);
  });
  session.unref();
  return session;
}

/**
 * Whether nobody but the owner of this session uses the server. Connections of a pool that was just closed take a moment
 * to go; another process's presence doesn't go, so it needs no waiting.
 */
export async function isAlone(session: Session): Promise<boolean> {
  const deadline = Date.now() + LEAVING_MS;
  for (;;) {
    const { rows } = await session.query<{ clients: number; presences: number }>(
      `SELECT count(*)::int AS clients, count(*) FILTER (WHERE application_name = $1)::int AS presences
         FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
      [PRESENCE],
    );
    if (!rows[0]?.clients) return true;
    if (rows[0].presences > 0 || Date.now() > deadline) return false;
    await sleep(20);
  }
}

async function createDatabase(cluster: Cluster, port: number): Promise<void> {
  const session = await connect(cluster, port, 'postgres');
  try {
    await session.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await session.end();
  }
}

async function connect(
  { password }: Cluster,
  port: number,
  database: string,
  timeout = CONNECT_TIMEOUT_MS,
): Promise<Session> {
  const session = new Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    database,
    ssl: false,
    application_name: PRESENCE,
    connectionTimeoutMillis: timeout,
  }) as Session;
  // A lost connection also ends, which is what its user listens to; without a listener an error would end the process.
  session.on('error', () => undefined);
  await session.connect();
  return session;
}
