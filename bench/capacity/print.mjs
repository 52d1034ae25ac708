// A plan in words and numbers that people read.
import { limits } from './limits.mjs';

const UNITS = [
  [2 ** 40, 'TiB'],
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
];

/** Three digits of a number; more would say more than is known. */
export function count(value) {
  if (value !== 0 && value < 10) return String(Number(value.toPrecision(2)));
  return Math.round(Number(value.toPrecision(3))).toLocaleString('en-US');
}

export function bytes(value) {
  const [size, unit] = UNITS.find(([least]) => value >= least) ?? [1, 'B'];
  return `${count(value / size)} ${unit}`;
}

const time = (seconds) => (seconds < 120 ? `${count(seconds)} s` : `${count(seconds / 60)} min`);

/** What is needed, a line each: what it is, and how much. */
export function lines(load, plan) {
  const [why, least] = Object.entries(plan.gatewaysBy).sort(([, a], [, b]) => b - a)[0];
  const reason = { memory: 'memory', processor: 'processor', limit: '`MAX_CONNECTIONS`' }[why];
  return [
    ['gateways', `${count(plan.gateways)}${plan.gateways < least + 1 ? `, decided by ${reason}` : ''}`],
    ['of each: connections', count(plan.connectionsEach)],
    ["of each: memory, with the kernel's for its sockets", bytes(plan.gatewayMemory)],
    ['of each: file descriptors', count(plan.descriptorsEach)],
    ['of each: addresses of a proxy before it', count(plan.proxyAddresses)],
    ['API nodes', count(plan.apis)],
    ['workers', count(plan.workers)],
    ['upgrades/s', count(plan.upgrades)],
    ['transactions/s', count(plan.transactions)],
    ['rows inserted/s, and in time removed', count(plan.rows)],
    ['rows updated/s', count(plan.updates)],
    ['processors of the database', count(plan.databaseProcessors)],
    ['WAL/s', bytes(plan.wal)],
    ['WAL/s, with whole pages at most', bytes(plan.walWithPages)],
    ['the table of messages, a day', bytes(plan.bytesADay)],
    [`the table of messages, ${count(load.retention)} days`, bytes(plan.bytesADay * load.retention)],
    ['sessions of the database', count(plan.sessions)],
    ['jobs/s of the queue', count(plan.jobs)],
    ...(load.redis
      ? [
          ['Redis: commands/s', count(plan.redisCommands)],
          ['Redis: processors', count(plan.redisProcessors)],
          ['Redis: memory', bytes(plan.redisMemory)],
        ]
      : [
          ['PostgreSQL: NOTIFY/s', count(plan.notices)],
          ['PostgreSQL: presences', bytes(plan.presences)],
        ]),
    ['a gateway is lost: the others take its connections in', time(plan.afterALoss)],
    ['all connect anew, in', time(plan.allAnew)],
    ['a global message: each gateway writes and reads for', time(plan.globalAtGateway)],
    ['a global message: the database records for', time(plan.globalAtDatabase)],
    ['a global message: WAL', bytes(plan.globalWal)],
  ];
}

/** The parts of which there is one, as rows: what is needed, what is there, and how much of it that is. */
export function breaking(load, plan) {
  return limits(load, plan).map(({ part, needed, given, used }) => {
    const show = part.includes('bytes') ? bytes : count;
    return [part.replace(/, bytes.*/, ''), show(needed), show(given), `${count(used * 100)} %`];
  });
}
