// What a connection costs: to open it, and to have it.
import { readFileSync } from 'node:fs';
import { atRate, connectAll, recipients } from '../load.mjs';

const CONNECTIONS = 8_000;
const UPGRADES_A_SECOND = 200;
const IDLE_SECONDS = 50;

/** Opens `CONNECTIONS` of recipients who have messages in the table; gives what each gives, and the costs. */
export async function connections(installation) {
  const { meter, redis, costOf } = installation;
  const names = recipients(CONNECTIONS, 'stored');
  let uris = [];
  const registering = await costOf(async () => (uris = await connectAll(names, installation.register)), 0);
  const before = { node: await installation.memory(), kernel: kernelMemory(), presences: await presences(meter.pool) };
  const redisBefore = redis ? await meter.look() : null;
  const listening = [];
  const opening = await costOf(
    () => atRate(UPGRADES_A_SECOND, CONNECTIONS, async (i) => listening.push(await installation.connect(uris[i]))),
    0,
  );
  const after = { node: await installation.memory(), kernel: kernelMemory(), presences: await presences(meter.pool) };
  const redisAfter = redis ? await meter.look() : null;
  const alone = installation.idle;
  const beside = await installation.rest(IDLE_SECONDS);
  const each = (key) => (after[key] - before[key]) / CONNECTIONS;
  return {
    listening,
    costs: {
      'registerRecipient.api.cpu': registering['cpu.api'] / CONNECTIONS,
      'upgrade.gateway.cpu': opening['cpu.gateway'] / CONNECTIONS,
      'upgrade.database.cpu': opening['cpu.database'] / CONNECTIONS,
      'upgrade.database.transactions': opening.transactions / CONNECTIONS,
      ...(redis && {
        'upgrade.redis.cpu': opening['cpu.redis'] / CONNECTIONS,
        'connection.redis.memory': (redisAfter.redisMemory - redisBefore.redisMemory) / CONNECTIONS,
      }),
      'connection.gateway.memory': each('node'),
      // Both ends of each are on this machine.
      'connection.kernel.memory': each('kernel') / 2,
      ...(!redis && { 'connection.database.bytes': each('presences') }),
      'connection.gateway.cpu': (beside['cpu.gateway'] - alone['cpu.gateway']) / CONNECTIONS,
      'connection.database.cpu': (beside['cpu.database'] - alone['cpu.database']) / CONNECTIONS,
      'connection.database.transactions': (beside.transactions - alone.transactions) / CONNECTIONS,
    },
  };
}

/** What the kernel has in use for its own, in bytes. */
function kernelMemory() {
  return Number(/Slab:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))[1]) * 1_024;
}

async function presences(pool) {
  const { rows } = await pool.query("SELECT pg_total_relation_size('presences')::float8 AS bytes");
  return rows[0].bytes;
}
