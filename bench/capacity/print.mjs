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
  const [why] = Object.entries(plan.gatewaysBy).sort(([, a], [, b]) => b - a)[0];
  const reason = { memory: 'memory', processor: 'processor', limit: '`MAX_CONNECTIONS`' }[why];
  return [
    ['gateways', `${count(plan.gateways)}, decided by ${reason}`],
    [
      'connections, memory, descriptors of each',
      `${count(plan.connectionsEach)}, ${bytes(plan.gatewayMemory)}, ${count(plan.descriptorsEach)}`,
    ],
    ['addresses of a proxy before each gateway', count(plan.balancerAddresses)],
    ['API nodes, workers', `${count(plan.apis)}, ${count(plan.workers)}`],
    ['upgrades a second', count(plan.upgrades)],
    ['transactions a second', count(plan.statements)],
    [
      'rows inserted, updated, removed a second',
      [plan.rowsInserted, plan.rowsUpdated, plan.rowsRemoved].map(count).join(', '),
    ],
    ['processors of the database', count(plan.databaseCores)],
    ['WAL a second', `${bytes(plan.walWarm)}, up to ${bytes(plan.walCold)} with whole pages`],
    ['the table of messages', `${bytes(plan.bytesADay)} a day, ${bytes(plan.bytesADay * load.retention)} kept`],
    ['sessions of the database', count(plan.sessions)],
    ['jobs a second', count(plan.jobs)],
    ...(load.redis
      ? [
          ['commands of Redis a second', count(plan.redisCommands)],
          ["Redis's one processor", `${count(plan.redisCores * 100)} % of what is planned to be used`],
          ['memory of Redis', bytes(plan.redisMemory)],
        ]
      : [
          ['NOTIFY a second', count(plan.notices)],
          ['presences', bytes(plan.presences)],
        ]),
    ['a gateway is lost: the others take its connections in', time(plan.stormSeconds)],
    ['all connect anew, in', time(plan.allAnewSeconds)],
    ['a global message: a gateway writes for', time(plan.globalSeconds.gateway)],
    ['a global message: the database records for', time(plan.globalSeconds.database)],
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
