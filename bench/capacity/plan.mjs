// The capacity model: what an installation needs for a load, reckoned from costs.json. It adds up; it knows nothing of queues that
// form, of caches that are too small, of neighbours. Roles are apart: gateways, API nodes and workers.
import { costsOf } from './costs.mjs';

/** A node that has messages adds a job of each kind this often a second (WINDOW in src/events/domain-events.ts). */
const BEATS = 20;
/** The jobs of a second for which `busy` was measured: those of one API node and one gateway. */
const MEASURED_JOBS = 2 * BEATS;
const MICRO = 1_000_000;
const DAY = 86_400;
/** Two of each, so that one may stop. */
const LEAST = 2;

/** @param load see load.mjs */
export function plan(load) {
  const cost = costsOf(load.redis ? 'redis' : 'postgres');
  const traffic = {
    upgrades: load.connections / load.session,
    deliveries: (load.globals / 3_600) * load.connections,
  };
  const nodes = nodesFor(load, traffic, cost);
  return {
    ...traffic,
    ...nodes,
    ...databaseFor(load, traffic, nodes, cost),
    ...(load.redis ? redisFor(load, traffic, nodes, cost) : {}),
    ...burstsFor(load, nodes, cost),
  };
}

/** Processors for so many microseconds a second, at the share that is planned to be used. */
const processors = (work, { share }) => work / MICRO / share;
const perJob = (jobs, name, cost) => (jobs / MEASURED_JOBS) * cost(name);

function nodesFor(load, { upgrades, deliveries }, cost) {
  const { connections, messages } = load;
  const held = cost('connection.gateway.memory') + cost('connection.kernel.memory');
  const gatewayWork =
    connections * cost('connection.gateway.cpu') +
    upgrades * cost('upgrade.gateway.cpu') +
    messages * cost('push.gateway.cpu') +
    deliveries * cost('global.gateway.cpu');
  const gatewaysBy = {
    memory: (connections * held) / (load.nodeMemory * load.share - cost('node.memory')),
    processor: processors(gatewayWork, load) / (1 - processors(cost('busy.gateway.cpu'), load)),
    limit: connections / load.maxConnections,
  };
  const gateways = Math.max(LEAST, Math.ceil(Math.max(...Object.values(gatewaysBy))));

  const apiWork = messages * cost('push.api.cpu') + upgrades * cost('registerRecipient.api.cpu');
  const apis = Math.max(LEAST, Math.ceil(processors(apiWork, load) / (1 - processors(cost('busy.api.cpu'), load))));

  const pushJobs = Math.min(apis * BEATS, messages);
  const jobs = pushJobs + Math.min(gateways * BEATS, messages + deliveries);
  const workerWork =
    perJob(jobs, 'busy.worker.cpu', cost) + messages * cost('wide.worker.cpu') + deliveries * cost('global.worker.cpu');
  const workers = Math.max(LEAST, Math.ceil(processors(workerWork, load)));

  return {
    ...{ gateways, gatewaysBy, apis, workers, pushJobs, jobs },
    connectionsEach: connections / gateways,
    gatewayMemory: cost('node.memory') + (connections / gateways) * held,
    // Besides its connections: the database, Redis, files, and requests on their way.
    descriptorsEach: connections / gateways + load.poolSize + 100,
    proxyAddresses: Math.ceil(connections / gateways / cost('ports.ephemeral')),
  };
}

function databaseFor(load, { upgrades, deliveries }, { gateways, apis, workers, pushJobs, jobs }, cost) {
  const { connections, messages, redis } = load;
  const nodes = gateways + apis + workers;
  const rows = messages + deliveries;
  const tenantLooks = (gateways * load.tenants) / load.reconcileInterval;
  // A push is told to the gateways that have its recipients, those of one job together; and a job to the workers.
  const notices = redis ? 0 : Math.min(messages, pushJobs * gateways) + jobs;
  const listening = gateways + workers;
  // Two nodes were there when these were measured: what more of them add is woken for nothing.
  const wakened =
    notices * listening * cost('notify.listener.cpu') + jobs * (workers - 1) * cost('job.waiting.database.cpu');
  const work =
    nodes * cost('node.database.cpu') +
    connections * cost('connection.database.cpu') +
    upgrades * cost('upgrade.database.cpu') +
    messages * cost('push.database.cpu') +
    perJob(jobs, 'busy.database.cpu', cost) +
    deliveries * cost('global.database.cpu') +
    rows * cost('remove.database.cpu') +
    tenantLooks * cost('tenant.database.cpu') +
    (redis ? 0 : wakened);
  // The text is written when the message is stored, and again when its row is.
  const text = 2 * (load.text - cost('text.bytes'));
  const wal = (pages) =>
    messages * (cost(`store.wal.${pages}`) + cost(`record.wal.${pages}`) + text) +
    deliveries * cost(`recordGlobal.wal.${pages}`) +
    rows * cost('remove.wal') +
    (redis ? 0 : jobs * cost('job.database.wal'));
  return {
    transactions:
      messages * cost('push.database.transactions') +
      perJob(jobs, 'busy.database.transactions', cost) +
      upgrades * cost('upgrade.database.transactions') +
      connections * cost('connection.database.transactions') +
      nodes * cost('node.database.transactions') +
      tenantLooks,
    ...{ rows, updates: messages, notices },
    databaseProcessors: processors(work, load),
    wal: wal('warm'),
    walWithPages: wal('cold'),
    bytesADay: (rows * cost('message.database.bytes') + messages * load.text) * DAY,
    sessions: nodes * load.poolSize + (redis ? 0 : nodes * cost('queue.sessions') + 5 * workers + gateways),
    presences: redis ? 0 : connections * cost('connection.database.bytes'),
  };
}

function redisFor(load, { upgrades, deliveries }, { gateways, apis, workers, jobs }, cost) {
  const { connections, messages } = load;
  const work =
    (gateways + apis + workers) * cost('node.redis.cpu') +
    messages * cost('push.redis.cpu') +
    perJob(jobs, 'busy.redis.cpu', cost) +
    upgrades * cost('upgrade.redis.cpu') +
    deliveries * cost('global.redis.cpu');
  return {
    redisCommands:
      messages * cost('push.redis.commands') +
      perJob(jobs, 'busy.redis.commands', cost) +
      deliveries * cost('global.redis.commands'),
    redisProcessors: processors(work, load),
    // The channels; and the proofs of one global message, should they all wait.
    redisMemory: connections * (cost('connection.redis.memory') + cost('proof.bytes')),
  };
}

/** How long what comes at once takes, on what the load has left over. */
function burstsFor({ connections, share, databaseCores }, { gateways }, cost) {
  const seconds = (count, name, cores) => (count * cost(name)) / MICRO / cores;
  return {
    afterALoss: seconds(connections / gateways, 'upgrade.gateway.cpu', (gateways - 1) * (1 - share)),
    allAnew: Math.max(
      seconds(connections, 'upgrade.gateway.cpu', gateways),
      seconds(connections, 'upgrade.database.cpu', databaseCores),
    ),
    globalAtGateway: seconds(connections / gateways, 'global.gateway.cpu', 1),
    globalAtDatabase: seconds(connections, 'global.database.cpu', databaseCores),
    globalWal: connections * cost('recordGlobal.wal.warm'),
  };
}
