// rolling: three nodes behind a balancer are restarted one after the other, as an operator does it, while 3,000 recipients
// are connected and backends push. No push may fail, but for one that was answered with 503 and goes through when it is repeated;
// no message may be lost; nobody may be without a connection for longer than 5 s; and clients may come back no faster than DRAIN_TIME
// promises. With `REDIS=1` the signals and the queue go through a redis-server of its own. With `FROM=<folder>` the nodes begin
// as the build in that folder and are started again as the present one; with `TO=<folder>` as that one.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { openEmbeddedDatabase } from '../dist/src/database/embedded/embedded-database.js';
import { connectAll, recipients } from './load.mjs';
import { startRedis } from './redis-server.mjs';
import { Backends } from './rolling/backends.mjs';
import { judge } from './rolling/verdict.mjs';
import { watchLoad } from './rolling/load.mjs';
import { Child } from './rolling/child.mjs';
import { Node, freeLowPort } from './rolling/node.mjs';
import { settle, stored } from './rolling/settling.mjs';

const NODES = 3;
const RECIPIENTS = Number(process.env.RECIPIENTS ?? 3_000);
const RECIPIENT_PROCESSES = 3;
const PUSHES = Number(process.env.RATE ?? 50);
const DRAIN_SECONDS = 10;
/** As long as the balancer takes to notice, and a second more. */
const SHUTDOWN_DELAY = '3s';
/** How long the load runs before the first restart and after the last. */
const QUIET = 5_000;
const SCOPE = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';

const { FROM: from = '.', TO: to = '.' } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const children = [];
const nodes = [];
const redis = process.env.REDIS === '1' ? await startRedis(await freeLowPort()) : null;
const database = await openEmbeddedDatabase(folder, () => undefined);
const pool = new pg.Pool({ connectionString: database.url, max: 1 });
try {
  process.exitCode = judge(await run()) ? 0 : 1;
} finally {
  for (const child of [...children, ...nodes]) child.kill('SIGKILL');
  redis?.stop();
  await pool.end();
  await database.release();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

async function run() {
  const environment = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    TOKEN_SECRETS: 'bench:a secret of 32 characters or more',
    SHUTDOWN_DELAY,
    DRAIN_TIME: `${DRAIN_SECONDS}s`,
    ...(redis && { REDIS_URL: redis.url }),
  };
  for (let i = 0; i < NODES; i += 1) nodes.push(new Node(await freeLowPort(), environment));
  for (const node of nodes) await node.start(resolve(from));
  const balancer = await startBalancer();
  const backends = new Backends(balancer.url, accessKey(environment), recipients(RECIPIENTS, 'recipient'));
  const crowd = await connect(backends);
  const load = watchLoad();
  backends.start(PUSHES);
  await pause(QUIET);
  const rolls = [];
  for (const node of nodes) rolls.push(await roll(node, balancer));
  await pause(QUIET);
  await backends.stop();
  await settle(pool, backends, crowd);
  return {
    rolls,
    backends,
    seen: await Promise.all(crowd.map((child) => child.ask('report'))),
    stored: await stored(pool),
    loads: { backends: load(), balancer: await balancer.child.ask('load') },
    drainSeconds: DRAIN_SECONDS,
    recipients: RECIPIENTS,
    setup: { redis: redis !== null, from, to },
  };
}

/** Restarts a node, and waits until the balancer has taken it in again. */
async function roll(node, balancer) {
  const began = Date.now();
  const code = await node.stop();
  const stopped = Date.now();
  await node.start(resolve(to));
  await balancer.hasTakenIn(node);
  return { began, stopped, ended: Date.now(), code };
}

async function startBalancer() {
  const child = start('balancer', ...nodes.map(({ port }) => port));
  const up = new Map();
  child.process.on('message', ({ node, isUp }) => node && up.set(node, isUp));
  const port = await child.tells('port');
  const hasTakenIn = async (node) => {
    while (!up.get(node.port)) await pause(50);
  };
  for (const node of nodes) await hasTakenIn(node);
  return { child, url: `http://127.0.0.1:${port}`, hasTakenIn };
}

async function connect(backends) {
  const all = await connectAll(backends.names, (name) => backends.register(name));
  return Promise.all(
    Array.from({ length: RECIPIENT_PROCESSES }, async (_, part) => {
      const child = start('recipients');
      child.process.send({ recipients: all.filter((__, i) => i % RECIPIENT_PROCESSES === part) });
      await child.tells('connected');
      return child;
    }),
  );
}

function accessKey(environment) {
  const args = [
    'dist/src/cli/main.js',
    'access-key',
    'create',
    '--tenant',
    'demo',
    '--name',
    'bench',
    '--scope',
    SCOPE,
  ];
  return execFileSync(process.execPath, args, { cwd: from, env: environment, encoding: 'utf8' }).trim();
}

function start(...args) {
  const child = new Child(...args);
  children.push(child);
  return child;
}
