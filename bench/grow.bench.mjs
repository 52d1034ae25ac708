// grow: pushing, connecting and listing with 5 million stored messages, beside the same with 50,000. The two installations exist at the
// same time and are measured in turn, and who comes first changes from round to round.
//
// In either of them 100 recipients have 200 stored messages each. 16 of them are pushed to; the others connect, and are those whose pages
// are read. A push counts when it is DELIVERED, a connection when it is open. Processor time is that of service, database and Redis, and for
// connections until two seconds later, since their backlogs are read in the meantime. Pages of 100 messages are asked for one at a time.
// What is pushed stays, so that the few become some more from round to round, and the many as well. How busy the processes of the load were
// is told: they are the same for both, so where one of them is the bottleneck, the ratio of the processor times tells more than the other.
import { setTimeout as pause } from 'node:timers/promises';
import { startBackends } from './backends/start.mjs';
import { Crowd } from './crowd/crowd.mjs';
import { fillInstallation } from './fill.mjs';
import { withInstallation } from './installation.mjs';
import { connectAll, recipients } from './load.mjs';
import { measureRounds, median, report } from './report.mjs';
import { installationTime } from './usage.mjs';

const MANY = Number(process.env.ROWS ?? 5_000_000);
const FEW = 50_000;
const SECONDS = Number(process.env.SECONDS ?? 6);
const STORED_EACH = 200;
const NAMES = recipients(100, 'known');
const [PUSHED, OTHERS] = [NAMES.slice(0, 16), NAMES.slice(16)];
/** So often all others connect, and leave again. */
const WAVES = 10;
const REST = 2_000;
const PAGES = 100;
const MOST = 1.3;

const PAGE = `query($filter: MessagesFilter) {
  messages(filter: $filter, limit: 100) { items { id recipient message topic status createdAt deliveredAt } nextToken } }`;
const FILTERS = {
  recipient: (i) => ({ recipient: OTHERS[i % OTHERS.length] }),
  topic: () => ({ topic: 'news' }),
  nothing: () => ({}),
};

const crowd = new Crowd();
try {
  await withInstallation((few) =>
    withInstallation(async (many) => {
      const both = { few: await prepare('few', few, FEW), many: await prepare('many', many, MANY) };
      try {
        await compare(both);
      } finally {
        // Before the services that they are connected to.
        crowd.end();
        for (const { backends } of Object.values(both)) backends.end();
      }
    }),
  );
} finally {
  crowd.end();
}

/** Fills an installation, and connects those who are pushed to. */
async function prepare(name, { service, pool, redis }, rows) {
  await fillInstallation(pool, rows, NAMES.length, STORED_EACH);
  const uris = await connectAll(NAMES, service.register);
  await crowd.connect(`${name}: pushed`, uris.slice(0, PUSHED.length));
  return { name, service, redis, otherUris: uris.slice(PUSHED.length), backends: await startBackends(service) };
}

async function compare(both) {
  const rounds = await measureRounds(async (round) => {
    const measured = {};
    for (const name of round % 2 === 0 ? ['few', 'many'] : ['many', 'few']) measured[name] = await measure(both[name]);
    return measured;
  });
  const rows = `${FEW} stored messages (few) and ${MANY} (many)`;
  for (const [figure, work] of Object.entries({ push: 'messages', connect: 'connections' }))
    report(
      `grow-${figure}`,
      `${work} a second, and µs of processor time for each, with ${rows}`,
      rounds.map((round) => rates(round.few[figure], round.many[figure])),
      { ratio: { most: MOST }, 'µs ratio': { most: MOST } },
    );
  for (const filter of Object.keys(FILTERS))
    report(
      `grow-page-${filter}`,
      `median milliseconds of a page by ${filter}, with ${rows}`,
      rounds.map(({ few, many }) => ({ few: few[filter], many: many[filter], ratio: many[filter] / few[filter] })),
      { ratio: { most: MOST } },
    );
}

async function measure(installation) {
  const measured = { push: await pushes(installation), connect: await connections(installation) };
  for (const [filter, of] of Object.entries(FILTERS)) measured[filter] = await pages(installation.service, of);
  return measured;
}

/** How costs compare, from figures of `pushes` or `connections`. */
function rates(few, many) {
  return {
    few: few.rate,
    many: many.rate,
    ratio: few.rate / many.rate,
    'few, µs': few.cost,
    'many, µs': many.cost,
    'µs ratio': many.cost / few.cost,
    'busiest of the load': Math.max(few.busy, many.busy),
  };
}

async function pushes(installation) {
  const { backends } = installation;
  await crowd.load();
  await backends.order('load');
  const before = installationTime(installation).all;
  const { count, rate } = await backends.order('push', { groups: PUSHED.map((name) => [name]), seconds: SECONDS });
  const cost = (installationTime(installation).all - before) / count;
  return { rate, cost, busy: Math.max(await crowd.load(), await backends.order('load')) };
}

async function connections(installation) {
  const group = `${installation.name}: others`;
  await crowd.load();
  const before = installationTime(installation).all;
  let seconds = 0;
  for (let wave = 0; wave < WAVES; wave += 1) {
    const start = performance.now();
    await crowd.connect(group, installation.otherUris);
    seconds += (performance.now() - start) / 1_000;
    if (wave === WAVES - 1) await pause(REST);
    await crowd.leave(group);
  }
  const count = WAVES * OTHERS.length;
  return {
    rate: count / seconds,
    cost: (installationTime(installation).all - before) / count,
    busy: await crowd.load(),
  };
}

/** The median time of a page, in milliseconds. */
async function pages(service, filterOf) {
  const times = [];
  for (let i = 0; i < PAGES; i += 1) {
    const start = performance.now();
    const { messages } = await service.graphql(PAGE, { filter: filterOf(i) });
    times.push(performance.now() - start);
    if (messages.items.length !== 100) throw new Error(`A page has ${messages.items.length} messages`);
  }
  return median(times);
}
