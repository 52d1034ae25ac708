// relay: what may lie under the signals between nodes. Two nodes and a publisher in one process; each node has joined 10,000
// recipients. How long a signal takes, how many a second there are room for, what joining costs, and what a node costs that
// has nothing to do. The rows with Redis need a redis-server.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPostgresRelayBackend, Relay as BullRelay } from 'bullmq';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../dist/src/database/data-source.js';
import { PostgresRelay } from '../dist/src/relay/postgres-relay.js';
import { RedisRelay } from '../dist/src/relay/redis-relay.js';
import { hasRedis, startRedis } from './redis-server.mjs';
import { percentile, table } from './report.mjs';
import { startService } from './service.mjs';

const RECIPIENTS = 10_000;
const REDIS_PORT = 16_399;
const IDLE_SECONDS = 20;

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
// For its database alone.
const service = await startService(dataDir);
const pool = new pg.Pool({ connectionString: service.databaseUrl, max: 2 });
const dataSource = await new DataSource(
  dataSourceOptions(service.databaseUrl, { databasePoolSize: 4, namespace: 'homing' }),
).initialize();
const redis = hasRedis ? await startRedis(REDIS_PORT) : null;

const statements = async () => {
  const { rows } = await pool.query(
    'SELECT sum(xact_commit + xact_rollback)::int AS n FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0].n;
};
const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await redis.probe.info('stats'))[1]);

/** One of our relays, as what is measured here asks for. */
const ours = (make, count) => async (name) => {
  const relay = make(name);
  let hear = () => undefined;
  await new Promise((resolve) => {
    relay
      .listen({ onSignal: ({ recipients }) => recipients.forEach((recipient) => hear(recipient)), onGap: resolve })
      .then(() => relay instanceof PostgresRelay && resolve());
  });
  return {
    join: (recipient) => relay.join({ tenant: 'acme', recipient }),
    publish: (recipients) => relay.publish([{ kind: 'messages', tenant: 'acme', txid: 1, recipients }]),
    onHeard: (listener) => (hear = listener),
    close: () => relay.onApplicationShutdown(),
    count,
  };
};

/** BullMQ's, with a topic for each recipient. */
const bull = (options, count) => async (name) => {
  const relay = new BullRelay({ ...options, nodeId: name, namespace: 'bench' });
  relay.on('error', () => undefined);
  await relay.waitUntilReady();
  let hear = () => undefined;
  return {
    join: (recipient) => relay.subscribe(`acme.${recipient}`, ({ data }) => hear(data.recipient)),
    publish: (recipients) =>
      Promise.all(recipients.map((recipient) => relay.publish(`acme.${recipient}`, { recipient, txid: 1 }))),
    onHeard: (listener) => (hear = listener),
    close: () => relay.close(),
    count,
  };
};

const engines = {
  'PostgreSQL: NOTIFY': ours((name) => new PostgresRelay(dataSource, service.databaseUrl, 'bench', name), statements),
  'PostgreSQL: BullMQ Relay': bull(
    {
      connection: { connectionString: service.databaseUrl, schema: 'bench_relay', migrate: true },
      backend: createPostgresRelayBackend,
    },
    statements,
  ),
  ...(hasRedis && {
    'Redis: publish': ours(() => new RedisRelay(redis.url, 'bench'), commands),
    'Redis: BullMQ Relay': bull({ connection: { url: redis.url, maxRetriesPerRequest: null } }, commands),
  }),
};

try {
  const rows = [];
  for (const [name, make] of Object.entries(engines)) {
    rows.push({ relay: name, ...(await measure(make)) });
  }
  table(`relay: two nodes, ${RECIPIENTS} recipients on each`, rows);
  for (const row of rows) process.stdout.write(`${JSON.stringify({ row: 'relay', ...row })}\n`);
} finally {
  await dataSource.destroy();
  await pool.end();
  redis?.stop();
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measure(make) {
  const [one, two, publisher] = [await make('one'), await make('two'), await make('publisher')];
  const began = performance.now();
  for (let i = 0; i < RECIPIENTS; i += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, j) => Promise.all([one.join(`one-${i + j}`), two.join(`two-${i + j}`)])),
    );
  const joins = (2 * RECIPIENTS) / ((performance.now() - began) / 1_000);
  const latencies = await latency(one, publisher);
  const { heard, rate } = await throughput(one, publisher);
  const withNodes = await countAlone(one.count);
  for (const each of [one, two, publisher]) await each.close();
  // The service whose database this is asks it, too.
  const idle = Math.max(0, (withNodes - (await countAlone(one.count))) / 3);
  return {
    'p50, ms': percentile(latencies, 0.5),
    'p99, ms': percentile(latencies, 0.99),
    'signals/s': rate,
    'heard of 20,000': heard,
    'joins/s': joins,
    'idle, statements/s': idle,
  };
}

/** Statements or commands a second, while nothing is done here. */
async function countAlone(count) {
  const before = await count();
  await pause(IDLE_SECONDS * 1_000);
  return ((await count()) - before) / IDLE_SECONDS;
}

/** A signal to one recipient, 100 a second. */
async function latency(node, publisher) {
  const latencies = [];
  for (let i = 0; i < 1_000; i += 1) {
    const recipient = `one-${i}`;
    const sent = performance.now();
    const heard = new Promise((resolve) =>
      node.onHeard((name) => name === recipient && resolve(performance.now() - sent)),
    );
    await Promise.all([publisher.publish([recipient]), heard]);
    latencies.push(await heard);
    await pause(10);
  }
  return latencies;
}

/** Signals to 20,000 recipients, 50 in a call, 4 calls at once, until the last is heard. */
async function throughput(node, publisher) {
  const total = 20_000;
  let heard = 0;
  const all = new Promise((resolve) => node.onHeard(() => ++heard === total && resolve()));
  const began = performance.now();
  let next = 0;
  const calls = Array.from({ length: 4 }, async () => {
    while (next < total) {
      const first = next;
      next += 50;
      await publisher.publish(Array.from({ length: 50 }, (_, i) => `one-${(first + i) % RECIPIENTS}`));
    }
  });
  await Promise.all(calls);
  // One that loses signals is not waited for.
  await Promise.race([all, pause(10_000)]);
  return { heard, rate: Math.round(heard / ((performance.now() - began) / 1_000)) };
}
