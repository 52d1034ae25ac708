// Which parts of an installation there is one of, how much of them a plan needs, and what they are assumed to give. The first to
// break is the one that is used most.
import { costsOf } from './costs.mjs';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TIB = 2 ** 40;

/** What one machine is assumed to give where nothing was measured. Not measured here: put in what yours gives. */
export const ASSUMED = {
  wal: [300 * MIB, 'bytes of WAL a second that disks and replicas take'],
  disk: [30 * TIB, 'bytes of a database'],
  sessions: [1_000, 'sessions of a PostgreSQL: max_connections'],
  redisMemory: [64 * GIB, 'bytes of a Redis'],
  transactions: [100_000, 'transactions a second of a PostgreSQL'],
};

/** Each part, with what is needed of it as a share of what it gives, the largest first. */
export function limits(load, plan) {
  const cost = costsOf(load.redis ? 'redis' : 'postgres');
  const assumed = (name) => ASSUMED[name][0];
  const parts = [
    ['processors of the database', plan.databaseProcessors, load.databaseCores],
    ['transactions a second', plan.transactions, assumed('transactions')],
    ['WAL, bytes a second', plan.walWithPages, assumed('wal')],
    ['the table of messages, bytes', plan.bytesADay * load.retention, assumed('disk')],
    ['sessions of the database', plan.sessions, assumed('sessions')],
    ['rows removed a second', plan.rows, cost('remove.rate')],
    ['jobs a second of one queue', plan.jobs, cost('queue.jobs')],
    ...(load.redis
      ? [
          ["Redis's one processor", plan.redisProcessors, 1],
          ['memory of Redis, bytes', plan.redisMemory, assumed('redisMemory')],
        ]
      : [['NOTIFY a second', plan.notices, cost('notify.rate.listeners')]]),
  ];
  return parts
    .map(([part, needed, given]) => ({ part, needed, given, used: needed / given }))
    .sort((a, b) => b.used - a.used);
}
