// nodes: what more nodes cost. Processor time of all nodes and the database for each push to one connected recipient, and for
// each delivery of a global message, with 1, 2 and 4 nodes at the same rate; who pushes and who is connected is spread evenly.
// And what a node asks of the database and of Redis while nothing happens, without connections and with some: the difference
// that more nodes make, so that what is asked whatever their number does not count. With `REDIS=1` the signals and the queue
// go through a redis-server of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { slope } from './costs/idle-nodes.mjs';
import { atRate, connectAll, recipients } from './load.mjs';
import { Meter } from './meter.mjs';
import { startRedis } from './redis-server.mjs';
import { median, table } from './report.mjs';
import { startNode, startService } from './service.mjs';
import { processorTime } from './usage.mjs';

const SIZES = [1, 2, 4];
const ROUNDS = 3;
const SECONDS = 8;
const RECIPIENTS = 200;
const PUSHES = 200;
const LISTENERS = 2_000;
const IDLE_SECONDS = 30;
/** Connections of each node that is idle with some. */
const QUIET = 200;
const REDIS_PORT = 16_398;

const redis = process.env.REDIS === '1' ? await startRedis(REDIS_PORT) : null;
const settings = {
  TOKEN_SECRETS: 'bench:a secret of 32 characters or more',
  ...(redis && { REDIS_URL: redis.url }),
};

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const first = await startService(dataDir, settings);
const meter = new Meter(first, {}, redis);
const nodes = [first];
const results = [];
const idle = { 'no connections': [], [`${QUIET} connections on each`]: [] };
try {
  for (const size of SIZES) {
    while (nodes.length < size) nodes.push(await startNode(first, settings));
    results.push({ nodes: size, 'µs a push': await pushCost(nodes), 'µs a global delivery': await globalCost(nodes) });
    await countIdle(nodes);
  }
  const one = results[0];
  table(
    `nodes, signals by ${redis ? 'Redis' : 'PostgreSQL'}: processor time`,
    results.map((row) => ({
      ...row,
      'push ratio': row['µs a push'] / one['µs a push'],
      'global ratio': row['µs a global delivery'] / one['µs a global delivery'],
    })),
  );
  const asked = Object.entries(idle).map(([state, points]) => {
    const each = (key) => slope(points.map(({ size, used }) => [size, used[key]]));
    return {
      state,
      'transactions/s': each('transactions'),
      'that write/s': each('writes'),
      'database µs/s': each('cpu.database'),
      ...(redis && { 'commands/s': each('commands'), 'Redis µs/s': each('cpu.redis') }),
    };
  });
  table('what each idle node asks', asked);
  process.stdout.write(`${JSON.stringify({ row: 'nodes', redis: redis !== null, results, asked })}\n`);
} finally {
  await meter.stop();
  for (const node of nodes.toReversed()) await node.stop();
  redis?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Processor time of all nodes, the database among their children, and Redis. */
function used() {
  return nodes.reduce((sum, { child }) => sum + processorTime(child.pid), redis ? processorTime(redis.pid) : 0);
}

/** Does `work`, `rate` times a second, and gives the processor time that each took. */
async function costOf(rate, seconds, work) {
  const costs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = used();
    await atRate(rate, rate * seconds, work);
    costs.push((used() - before) / (rate * seconds));
  }
  return median(costs);
}

async function pushCost(all) {
  const names = recipients(RECIPIENTS, `recipient-${all.length}`);
  const listening = await connectAll(names, (name, i) => all[i % all.length].listen(name));
  const cost = await costOf(PUSHES, SECONDS, (i) =>
    all[(i + Math.floor(i / all.length)) % all.length].push(names[i % names.length], 'The quick brown fox'),
  );
  await first.settled(meter.pool);
  for (const { close } of listening) close();
  return cost;
}

async function globalCost(all) {
  const listening = await connectAll(recipients(LISTENERS, `listener-${all.length}`), (name, i) =>
    all[i % all.length].listen(name),
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

/** What all nodes ask a second while nothing happens, without connections and with some. */
async function countIdle(all) {
  const [alone, quiet] = Object.values(idle);
  // Proofs are recorded once more up to 20 s later.
  await pause(20_000);
  alone.push({ size: all.length, used: await meter.idle(IDLE_SECONDS) });
  const names = recipients(QUIET * all.length, `quiet-${all.length}`);
  const listening = await connectAll(names, (name, i) => all[i % all.length].listen(name));
  quiet.push({ size: all.length, used: await meter.idle(IDLE_SECONDS) });
  for (const { close } of listening) close();
}
