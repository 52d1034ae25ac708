// What an installation has to bear, and what its machines are: the options of `npm run bench -- capacity`.
import { parseArgs } from 'node:util';

const GIB = 2 ** 30;

/** Each option, its default, and what it means. */
export const OPTIONS = {
  connections: [10_000_000, 'open connections'],
  messages: [50_000, 'messages a second to one recipient each, all of whom are connected'],
  globals: [1, 'global messages an hour, each to all connections'],
  text: [200, 'bytes of a text'],
  session: [1_800, 'seconds that a connection stays open'],
  tenants: [1, 'tenants that have connections on every gateway'],
  retention: [30, 'days that messages are kept'],
  redis: ['yes', 'whether queue and relay are in Redis: yes or no'],
  'node-memory': [4, 'GiB of a node, which is one process'],
  'max-connections': [100_000, 'connections of a gateway at most: MAX_CONNECTIONS'],
  'pool-size': [10, 'sessions of a node with the database: DATABASE_POOL_SIZE'],
  'reconcile-interval': [10, 'seconds: RECONCILE_INTERVAL'],
  share: [0.6, 'of a processor, and of a memory, that is planned to be used'],
  'database-cores': [64, 'processors of the database'],
};

/** Reads options such as `--connections 10000000 --redis no`. */
export function loadFrom(args) {
  const options = Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, { type: 'string' }]));
  const { values } = parseArgs({ args, options });
  const read = (name) => {
    const number = Number(String(values[name] ?? OPTIONS[name][0]).replaceAll('_', ''));
    if (!Number.isFinite(number) || number < 0) throw new Error(`--${name} must be a number: ${OPTIONS[name][1]}`);
    return number;
  };
  const redis = values.redis ?? OPTIONS.redis[0];
  if (!['yes', 'no'].includes(redis)) throw new Error('--redis must be yes or no');
  return {
    connections: read('connections'),
    messages: read('messages'),
    globals: read('globals'),
    text: read('text'),
    session: read('session'),
    tenants: read('tenants'),
    retention: read('retention'),
    redis: redis === 'yes',
    nodeMemory: read('node-memory') * GIB,
    maxConnections: read('max-connections'),
    poolSize: read('pool-size'),
    reconcileInterval: read('reconcile-interval'),
    share: read('share'),
    databaseCores: read('database-cores'),
  };
}
