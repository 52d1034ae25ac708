// The capacity model: what an installation needs for a load, reckoned from costs.json. It adds up; it knows nothing of queues that
// form, of caches that are too small, of neighbours. Each formula stands beside the name of what it gives.
import { costsOf } from './costs.mjs';

/** A busy node adds a job of each kind this often a second (WINDOW in src/events/domain-events.ts). */
const BEATS = 20;
/** Jobs of a second for which `busy` was measured: one API node's pushes, and one gateway's proofs. */
const MEASURED_JOBS = 2 * BEATS;
const MICRO = 1_000_000;
const DAY = 86_400;

/**
 * @param load see load.mjs
 * @returns rows a second, processors, bytes and counts, by name
 */
export function plan(load) {
  const cost = costsOf(load.redis ? 'redis' : 'postgres');
  const { connections, messages, share } = load;
  const upgrades = connections / load.session;
  const deliveries = (load.globals / 3_600) * connections;
  const cores = (sum) => sum / MICRO / share;

  const held = cost('connection.gateway.memory') + cost('connection.kernel.memory');
  const byMemory = (connections * held) / (load.nodeMemory - cost('node.memory') / share) / share;
  const gatewayWork =
    connections * cost('connection.gateway.cpu') +
    upgrades * cost('upgrade.gateway.cpu') +
    messages * cost('push.gateway.cpu') +
    deliveries * cost('global.gateway.cpu');
  const byProcessor = cores(gatewayWork) / (1 - cores(cost('busy.gateway.cpu')));
  const byLimit = connections / load.maxConnections;
  const gateways = Math.max(2, Math.ceil(Math.max(byMemory, byProcessor, byLimit)));

  const apiWork = messages * cost('push.api.cpu') + upgrades * cost('registerRecipient.api.cpu');
  const apis = Math.max(2, Math.ceil(cores(apiWork) / (1 - cores(cost('busy.api.cpu')))));

  // A node that has nothing to say in a beat adds no job.
  const jobsOf = (nodes, events) => Math.min(nodes * BEATS, events);
  const pushJobs = jobsOf(apis, messages);
  const jobs = pushJobs + jobsOf(gateways, messages + deliveries);
  const perJob = (name) => (jobs / MEASURED_JOBS) * cost(name);
  const workerWork =
    messages * cost('push.worker.cpu') + perJob('busy.worker.cpu') + deliveries * cost('global.worker.cpu');
  const workers = Math.max(2, Math.ceil(cores(workerWork)));
  const nodes = gateways + apis + workers;

  const rows = messages + deliveries;
  // A worker that has no job waits, and each new one wakes it; a signal wakes every session that listens.
  const signals = Math.min(messages, pushJobs * gateways);
  const listening = gateways + workers;
  const notices = load.redis ? 0 : signals + jobs;
  const databaseWork =
    nodes * cost('node.database.cpu') +
    connections * cost('connection.database.cpu') +
    upgrades * cost('upgrade.database.cpu') +
    messages * cost('push.database.cpu') +
    perJob('busy.database.cpu') +
    deliveries * cost('global.database.cpu') +
    rows * cost('remove.database.cpu') +
    ((gateways * load.tenants) / load.reconcileInterval) * cost('tenant.database.cpu') +
    (load.redis
      ? 0
      : notices * listening * cost('notify.listener.cpu') + jobs * workers * cost('job.waiting.database.cpu'));
  const wal = (pages) =>
    messages * (cost(`store.wal.${pages}`) + cost(`record.wal.${pages}`) + 2 * load.text - 2 * cost('text.bytes')) +
    deliveries * cost(`recordGlobal.wal.${pages}`) +
    rows * cost('remove.wal') +
    (load.redis ? 0 : jobs * cost('job.database.wal'));
  const sessions = nodes * load.poolSize + (load.redis ? 0 : nodes * cost('queue.sessions') + listening);

  const lost = connections / gateways;
  const spare = (gateways - 1) * (1 - share);
  return {
    gateways,
    gatewaysBy: { memory: byMemory, processor: byProcessor, limit: byLimit },
    apis,
    workers,
    connectionsEach: connections / gateways,
    gatewayMemory: cost('node.memory') + (connections / gateways) * held,
    descriptorsEach: connections / gateways + load.poolSize + 100,
    balancerAddresses: Math.ceil(connections / gateways / cost('ports.ephemeral')),
    upgrades,
    statements:
      messages * cost('push.database.transactions') +
      perJob('busy.database.transactions') +
      upgrades * cost('upgrade.database.transactions') +
      nodes * cost('node.database.transactions'),
    rowsInserted: rows,
    rowsUpdated: messages,
    rowsRemoved: rows,
    databaseCores: cores(databaseWork),
    walWarm: wal('warm'),
    walCold: wal('cold'),
    bytesADay: rows * cost('message.database.bytes') * DAY + messages * load.text * DAY,
    sessions,
    presences: load.redis ? 0 : connections * cost('connection.database.bytes'),
    jobs,
    queueShare: jobs / cost('queue.jobs'),
    notices,
    noticesShare: notices / cost('notify.rate.listeners'),
    redisCommands: load.redis
      ? messages * cost('push.redis.commands') +
        perJob('busy.redis.commands') +
        deliveries * cost('global.redis.commands')
      : 0,
    redisCores: load.redis
      ? cores(
          nodes * cost('node.redis.cpu') +
            messages * cost('push.redis.cpu') +
            perJob('busy.redis.cpu') +
            upgrades * cost('upgrade.redis.cpu') +
            deliveries * cost('global.redis.cpu'),
        )
      : 0,
    redisMemory: load.redis
      ? connections * cost('connection.redis.memory') + load.burst * connections * cost('proof.bytes')
      : 0,
    stormSeconds: (lost * cost('upgrade.gateway.cpu')) / MICRO / spare,
    allAnewSeconds: Math.max(
      (connections * cost('upgrade.gateway.cpu')) / MICRO / gateways,
      (connections * cost('upgrade.database.cpu')) / MICRO / load.databaseCores,
    ),
    globalSeconds: {
      gateway: (lost * cost('global.gateway.cpu')) / MICRO,
      database: (connections * cost('global.database.cpu')) / MICRO / load.databaseCores,
    },
    globalWal: connections * cost('recordGlobal.wal.warm'),
  };
}
