import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../src/database/embedded/free-port.js';
import { isRoot, NOBODY, query } from './embedded-database.fixture.js';
import { endsWithTests } from './ends-with-tests.js';
import { eventually } from './eventually.js';

/** A server of this PostgreSQL with an empty database `homing`, whose owner is the role `homing`. */
export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Makes a cluster and starts its server on the loopback interface. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'homing-postgres-'));
  // It refuses to run as root.
  const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
  const made = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'];
  await promisify(execFile)(join(programs, 'initdb'), made, { ...as, env, cwd: '/' });
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off'];
  const child = endsWithTests<ChildProcess>(
    spawn(join(programs, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...as,
      env,
      cwd: '/',
      stdio: 'ignore',
    }),
    'SIGINT',
  );
  const admin = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await eventually(() => query(admin, 'SELECT'));
  await query(admin, 'CREATE ROLE homing LOGIN');
  await query(admin, 'CREATE DATABASE homing OWNER homing');
  return {
    url: `postgres://homing@127.0.0.1:${port}/homing`,
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGINT');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
