// fanout: a global message of 64 bytes to 8,000 connections on one node, proven by their pongs and recorded as rows. Processor
// time of service and database for each delivery. References, in turn with it: a bare `ws` server's loop of `send`, and
// Socket.IO's `emit`, which neither store nor prove.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Crowd } from './crowd/crowd.mjs';
import { Rival } from './rivals/rival.mjs';
import { median, table } from './report.mjs';
import { startService } from './service.mjs';
import { processorTime } from './usage.mjs';

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 8_000);
const MESSAGES = 10;
const ROUNDS = 3;
const TEXT = 'The quick brown fox jumps over the lazy dog, and it barks a lot.';
const GOALS = { ws: 1.5, 'socket.io': 1.3 };

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(
  dataDir,
  {},
  process.env.PROFILE ? ['--cpu-prof', '--cpu-prof-interval=250', `--cpu-prof-dir=${process.env.PROFILE}`] : [],
);
const pool = new pg.Pool({ connectionString: service.databaseUrl, max: 1 });
const crowd = new Crowd();
const rivals = { ws: await Rival.start('ws'), 'socket.io': await Rival.start('socket.io') };
try {
  const uris = [];
  while (uris.length < CONNECTIONS) uris.push(await service.register(`recipient-${uris.length}`));
  await crowd.connect('ours', uris);
  for (const [name, { uri, protocol }] of Object.entries(rivals))
    await crowd.connect(
      name,
      uris.map(() => uri),
      protocol,
    );
  const rounds = [];
  // The first round warms all up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const costs = {};
    for (const [name, rival] of Object.entries(rivals))
      costs[name] = await cost(rival.pid, async () => rival.broadcast(TEXT));
    await crowd.load();
    costs.ours = await cost(service.child.pid, push, recorded);
    const busy = await crowd.load();
    if (round > 0)
      rounds.push({
        ours: costs.ours,
        ws: costs.ws,
        'socket.io': costs['socket.io'],
        'to ws': costs.ours / costs.ws,
        'to socket.io': costs.ours / costs['socket.io'],
        'receivers busy': busy,
      });
  }
  table(`fanout: processor time for a delivery to one of ${CONNECTIONS}, µs`, rounds);
  const middle = (key) => Number(median(rounds.map((round) => round[key])).toPrecision(3));
  for (const [name, goal] of Object.entries(GOALS))
    process.stdout.write(
      `${JSON.stringify({ row: 'fanout', reference: name, microseconds: middle('ours'), theirs: middle(name), ratio: middle(`to ${name}`), goal })}\n`,
    );
} finally {
  crowd.end();
  for (const rival of Object.values(rivals)) rival.end();
  await pool.end();
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Sends messages, each when the one before has come to all; gives the processor time of a delivery in microseconds. */
async function cost(pid, send, finish = async () => undefined) {
  const before = processorTime(pid);
  const sent = [];
  for (let i = 0; i < MESSAGES; i += 1) {
    const all = crowd.expect(CONNECTIONS, 1);
    sent.push(await send());
    await all;
  }
  await finish(sent);
  return (processorTime(pid) - before) / (MESSAGES * CONNECTIONS);
}

async function push() {
  const { pushGlobalMessage } = await service.graphql(
    'mutation($m: String!) { pushGlobalMessage(input: { message: $m }) { id } }',
    { m: TEXT },
  );
  return pushGlobalMessage.id;
}

/** Waits until every delivery is a row. */
async function recorded(ids) {
  for (;;) {
    const { rows } = await pool.query('SELECT count(*)::int AS rows FROM global_deliveries d JOIN global_messages g ON g.seq = d.global_seq WHERE g.id = ANY($1)', [
      ids,
    ]);
    if (rows[0].rows === MESSAGES * CONNECTIONS) return;
    await pause(100);
  }
}
