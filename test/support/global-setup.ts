import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded-database.js';
import { withDatabase } from './database.js';
import { BROWSER, FIREFOX, JQ, missing, NGINX, POSTGRESQL, PROMETHEUS, PYTHON, requireAll } from './parts.js';
import { REDIS_SERVER, startRedis } from './redis-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    databaseUrl: string;
    redisUrl: string;
  }
}

interface Parts {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

// Vitest calls this once for each project; they share the servers.
let users = 0;
let parts: Promise<Parts> | undefined;

/** Of this server nothing is to be kept: what a crash of a server leaves is tested on others. */
async function spareTheDisk(url: string): Promise<void> {
  await withDatabase(url, async (client) => {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
      await client.query(`ALTER SYSTEM SET ${setting} = off`);
    await client.query('SELECT pg_reload_conf()');
  });
}

/** Starts the servers that the suites need, and says which suites can't run on this machine. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  users += 1;
  parts ??= startParts();
  const { databaseUrl, redisUrl, stop } = await parts;
  project.provide('databaseUrl', databaseUrl);
  project.provide('redisUrl', redisUrl);
  return async () => {
    users -= 1;
    if (users === 0) await stop();
  };
}

async function startParts(): Promise<Parts> {
  for (const part of [REDIS_SERVER, BROWSER, FIREFOX, NGINX, POSTGRESQL, PROMETHEUS, PYTHON, JQ]) {
    if (part.path !== null) continue;
    if (requireAll) throw new Error(`Every suite is required, but ${missing(part)}`);
    process.stderr.write(`SKIPPED: ${missing(part)}\n`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'homing-test-'));
  const database = await openEmbeddedDatabase(folder, () => undefined);
  await spareTheDisk(database.url);
  const redis = REDIS_SERVER.path === null ? null : await startRedis(REDIS_SERVER.path);
  return {
    databaseUrl: database.url,
    redisUrl: redis?.url ?? '',
    stop: async () => {
      await redis?.stop();
      await database.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
