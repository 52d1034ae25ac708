// What a node costs that has nothing to do and no connections: the difference that more nodes make, so that what is asked
// whatever their number (the expiry sweep, autovacuum, this measurement) does not count.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Meter } from '../meter.mjs';
import { startRedis } from '../redis-server.mjs';
import { startNode, startService } from '../service.mjs';
import { memory } from '../usage.mjs';

const REDIS_PORT = 16_396;
const NODES = [1, 4];
const SECONDS = 30;

export async function idleNodes(backEnd) {
  const redis = backEnd === 'redis' ? await startRedis(REDIS_PORT) : null;
  const settings = { TOKEN_SECRETS: 'bench:a secret of 32 characters or more', ...(redis && { REDIS_URL: redis.url }) };
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
  const nodes = [await startService(dataDir, settings)];
  const meter = new Meter(nodes[0], { first: nodes[0] }, redis);
  try {
    const points = [];
    for (const size of NODES) {
      while (nodes.length < size) nodes.push(await startNode(nodes[0], settings));
      points.push([size, await meter.idle(SECONDS)]);
    }
    const each = (key) => slope(points.map(([size, idle]) => [size, idle[key]]));
    return {
      'node.cpu': points[0][1]['cpu.first'],
      'node.memory': memory(nodes.at(-1).child.pid),
      'node.database.cpu': each('cpu.database'),
      'node.database.transactions': each('transactions'),
      'node.database.writes': each('writes'),
      ...(redis && { 'node.redis.cpu': each('cpu.redis'), 'node.redis.commands': each('commands') }),
    };
  } finally {
    await meter.stop();
    for (const node of nodes.toReversed()) await node.stop();
    redis?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** How steep the straight line is that fits points `[x, y]` best. */
export function slope(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([each]) => each)), mean(points.map(([, each]) => each))];
  const sum = (term) => points.reduce((total, point) => total + term(point), 0);
  return sum(([a, b]) => (a - x) * (b - y)) / sum(([a]) => (a - x) ** 2);
}
