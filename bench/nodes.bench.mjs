// nodes: what more nodes cost. Processor time of all nodes and the database for each push to one connected recipient, and for
// each delivery of a global message, with 1, 2 and 4 nodes at the same rate; who pushes and who is connected is spread evenly.
// And what a node asks of the database and of Redis while nothing happens. With `REDIS=1` the signals and the queue go
// through a redis-server of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { median, processorTime, startNode, startService, table } from './support.mjs';

const SIZES = [1, 2, 4];
const ROUNDS = 3;
const SECONDS = 8;
const RECIPIENTS = 200;
const PUSHES = 200;
const LISTENERS = 2_000;
const IDLE_SECONDS = 20;
const REDIS_PORT = 16_398;

const withRedis = process.env.REDIS === '1';
const redisServer = withRedis
  ? spawn('redis-server', ['--port', String(REDIS_PORT), '--save', '', '--appendonly', 'no'])
  : null;
const redisUrl = `redis://127.0.0.1:${REDIS_PORT}`;
const redis = withRedis ? new Redis(redisUrl).on('error', () => undefined) : null;
const settings = {
  TOKEN_SECRETS: 'bench:a secret of 32 characters or more',
  ...(withRedis && { REDIS_URL: redisUrl }),
};

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const first = await startService(dataDir, settings);
const pool = new pg.Pool({ connectionString: first.databaseUrl, max: 1 });
const nodes = [first];
const results = [];
try {
  for (const size of SIZES) {
    while (nodes.length < size) nodes.push(await startNode(first, settings));
    results.push({ nodes: size, ...(await measure(nodes)) });
  }
  const one = results[0];
  table(
    `nodes, signals by ${withRedis ? 'Redis' : 'PostgreSQL'}: processor time, and what an idle node asks`,
    results.map((row) => ({
      ...row,
      'push ratio': row['µs a push'] / one['µs a push'],
      'global ratio': row['µs a global delivery'] / one['µs a global delivery'],
    })),
  );
  process.stdout.write(`${JSON.stringify({ row: 'nodes', redis: withRedis, results })}\n`);
} finally {
  await pool.end();
  redis?.disconnect();
  for (const node of nodes.toReversed()) await node.stop();
  redisServer?.kill();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measure(all) {
  const pushes = await pushCost(all);
  const globals = await globalCost(all);
  const { statements, commands } = await idle(all.length);
  return {
    'µs a push': pushes,
    'µs a global delivery': globals,
    'idle statements/s a node': statements,
    'idle commands/s a node': commands,
  };
}

/** Processor time of all nodes, the database among their children, and Redis. */
function used() {
  return nodes.reduce(
    (sum, { child }) => sum + processorTime(child.pid),
    redisServer ? processorTime(redisServer.pid) : 0,
  );
}

/** Does `work`, `rate` times a second, and gives the processor time that each took. */
async function costOf(rate, seconds, work) {
  const costs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = used();
    const began = performance.now();
    const count = rate * seconds;
    const pending = [];
    for (let i = 0; i < count; i += 1) {
      pending.push(work(i));
      const late = performance.now() - began - (i * 1_000) / rate;
      if (late < 0) await pause(-late);
    }
    await Promise.all(pending);
    costs.push((used() - before) / count);
  }
  return median(costs);
}

async function pushCost(all) {
  const names = Array.from({ length: RECIPIENTS }, (_, i) => `recipient-${all.length}-${i}`);
  const listening = await Promise.all(names.map((name, i) => all[i % all.length].listen(name)));
  const cost = await costOf(PUSHES, SECONDS, (i) =>
    all[(i + Math.floor(i / all.length)) % all.length].push(names[i % names.length], 'The quick brown fox'),
  );
  await first.settled(pool);
  for (const { close } of listening) close();
  return cost;
}

async function globalCost(all) {
  const listening = [];
  for (let i = 0; i < LISTENERS; i += 50)
    listening.push(
      ...(await Promise.all(
        Array.from({ length: 50 }, (_, j) => all[(i + j) % all.length].listen(`listener-${all.length}-${i + j}`)),
      )),
    );
  const heard = () => listening.reduce((sum, count) => sum + count(), 0);
  let pushed = 0;
  const cost = await costOf(1, SECONDS, async (i) => {
    pushed += 1;
    const wanted = pushed * LISTENERS;
    await all[i % all.length].graphql('mutation($m: String!) { pushGlobalMessage(input: { message: $m }) { id } }', {
      m: 'The quick brown fox',
    });
    while (heard() < wanted) await pause(5);
  });
  for (const { close } of listening) close();
  return cost / LISTENERS;
}

async function idle(size) {
  await pause(2_000);
  const count = async () => {
    const { rows } = await pool.query(
      'SELECT sum(xact_commit + xact_rollback)::int AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    const commands = redis ? Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))[1]) : 0;
    return { statements: rows[0].n, commands };
  };
  const before = await count();
  await pause(IDLE_SECONDS * 1_000);
  const after = await count();
  return {
    statements: (after.statements - before.statements) / IDLE_SECONDS / size,
    commands: (after.commands - before.commands) / IDLE_SECONDS / size,
  };
}
