import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, it, vi } from 'vitest';
import {
  ended,
  isRunning,
  newFolder,
  open,
  openElsewhere,
  patiently,
  query,
  startElsewhere,
} from '../support/embedded-database.fixture.js';

describe.concurrent('the embedded database at its first start', { timeout: 180_000 }, () => {
  it('is made, announced in one line, and can be used', async () => {
    const dataDir = newFolder();
    const database = await open(dataDir);
    expect(database.said).toEqual([`Making the database in ${dataDir}/postgres ...`]);
    expect(await query(database.url, 'SELECT current_database() AS name')).toEqual([{ name: 'homing' }]);
    await database.release();
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log', 'secrets']);
  });

  it('sorts texts alike on every machine and loses nothing that it acknowledged', async () => {
    const database = await open(newFolder());
    const names = ['server_encoding', 'fsync', 'synchronous_commit', 'full_page_writes', 'TimeZone'];
    const rows = await query<{ name: string; setting: string }>(
      database.url,
      `SELECT name, setting FROM pg_settings WHERE name IN ('${names.join("','")}')`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      server_encoding: 'UTF8',
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      TimeZone: 'UTC',
    });
    expect(
      await query(database.url, 'SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()'),
    ).toEqual([{ datlocprovider: 'b', datlocale: 'C.UTF-8' }]);
    await database.release();
  });

  it('is open to this machine and to holders of the password only', async () => {
    const dataDir = newFolder();
    const database = await open(dataDir);
    const { port } = new URL(database.url);
    expect(statSync(join(dataDir, 'secrets/postgres-password')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'postgres')).mode & 0o777).toBe(0o700);
    expect(await query(database.url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
    await expect(query(`postgres://homing:guess@127.0.0.1:${port}/homing`, 'SELECT 1')).rejects.toMatchObject({
      code: '28P01',
    });
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside) {
      const socket = connect(Number(port), address);
      await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
    await database.release();
  });

  it('survives that an earlier one was killed in the middle', async () => {
    const dataDir = newFolder();
    const child = startElsewhere(dataDir);
    const halfMade = () => readdirSync(dataDir).find((name) => existsSync(join(dataDir, name, 'data/PG_VERSION')));
    await vi.waitUntil(halfMade, { ...patiently, interval: 1 });
    await ended(child, () => child.kill('SIGKILL'));
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    const database = await open(dataDir);
    expect(await query(database.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.release();
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log', 'secrets']);
  });

  it('leaves files alone that are no database', async () => {
    const dataDir = newFolder();
    mkdirSync(join(dataDir, 'postgres'));
    writeFileSync(join(dataDir, 'postgres/thesis.txt'), 'years of work');
    await expect(open(dataDir)).rejects.toThrow(/holds files but no PostgreSQL database/);
  });
});

describe.concurrent('the embedded database with several users', { timeout: 180_000 }, () => {
  it('starts once when two processes open it at the same moment', async () => {
    const dataDir = newFolder();
    const users = await Promise.all([openElsewhere(dataDir), openElsewhere(dataDir), open(dataDir)]);
    expect(new Set(users.map(({ url }) => url)).size).toBe(1);
    expect(users.map(({ said }) => said.at(-1)).sort()).toEqual([
      `Making the database in ${dataDir}/postgres ...`,
      'Using the database, which runs already.',
      'Using the database, which runs already.',
    ]);
    await Promise.all(users.map(({ release }) => release()));
    expect(isRunning(dataDir)).toBe(false);
  });

  it('runs until the last one leaves, whoever that is', async () => {
    const dataDir = newFolder();
    const service = await open(dataDir);
    const tool = await openElsewhere(dataDir);
    await tool.release();
    expect(await query(service.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const secondTool = await openElsewhere(dataDir);
    await service.release();
    expect(await query(secondTool.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await secondTool.release();
    expect(isRunning(dataDir)).toBe(false);
  });

  it('stops although the server still cleans up after a connection that was just closed', async () => {
    const dataDir = newFolder();
    const database = await open(dataDir);
    const client = new Client({ connectionString: database.url, application_name: 'pool' });
    await client.connect();
    client.query('SELECT pg_sleep(3600)').catch(() => undefined);
    const sleeping = "SELECT pid FROM pg_stat_activity WHERE application_name = 'pool' AND wait_event = 'PgSleep'";
    const [backend] = await vi.waitFor(async () => {
      const found = await query<{ pid: number }>(database.url, sleeping);
      expect(found).toHaveLength(1);
      return found;
    }, patiently);
    // The server notices that it is gone when the query is done.
    await client.end();
    const released = database.release();
    setTimeout(() => process.kill(backend!.pid, 'SIGINT'), 100);
    await released;
    expect(isRunning(dataDir)).toBe(false);
  });

  it('is stopped once when it is released twice', async () => {
    const database = await open(newFolder());
    await expect(Promise.all([database.release(), database.release()])).resolves.toBeDefined();
  });

  it.each(['of a process that has ended', 'of which only the file was made'])(
    'is not kept closed by a lock %s',
    async (kind) => {
      const dataDir = newFolder();
      const lock = join(dataDir, 'postgres.lock');
      // The pid lives, as in a container that begins to count anew, but it is not the process that took the lock.
      writeFileSync(lock, kind.includes('ended') ? `${process.pid} 1 before` : '');
      utimesSync(lock, new Date(0), new Date(0));
      const database = await open(dataDir);
      await database.release();
      expect(existsSync(lock)).toBe(false);
    },
  );

  it('tells what to do when its password was lost', async () => {
    const dataDir = newFolder();
    const passwordFile = join(dataDir, 'secrets/postgres-password');
    await (await open(dataDir)).release();
    const password = readFileSync(passwordFile);
    writeFileSync(passwordFile, 'another');
    await expect(open(dataDir)).rejects.toThrow(/does not accept the password in .* Restore that file/);
    writeFileSync(passwordFile, password);
    await (await open(dataDir)).release();
    expect(isRunning(dataDir)).toBe(false);
  });
});
