// What a message costs on its way to a connected recipient: pushed one by one, pushed to many at once, and global.
import { setTimeout as pause } from 'node:timers/promises';
import { atRate } from '../load.mjs';

export const TEXT = 'The quick brown fox. '.repeat(5);
const SECONDS = 20;
const RATES = [50, 200];
const WIDE = { recipients: 1_000, pushes: 20 };
const GLOBALS = 5;

/** What is told of each kind, by the name that the meter has for it. */
const PARTS = {
  'api.cpu': 'cpu.api',
  'gateway.cpu': 'cpu.gateway',
  'worker.cpu': 'cpu.worker',
  'database.cpu': 'cpu.database',
  'database.transactions': 'transactions',
  'database.wal': 'walBytes',
  'redis.cpu': 'cpu.redis',
  'redis.commands': 'commands',
};

/**
 * `pushMessage` to one recipient each. A busy node adds its jobs in beats, however much there is in them. Two rates tell what a
 * second of that costs (`busy`) from what each message adds (`push`). At higher rates a message costs less, since several share
 * a statement.
 */
export async function pushes({ push, costOf }, names) {
  // Not the first ones, of which much is spent on compiling what they run.
  await atRate(RATES[1], RATES[1] * 10, (i) => push(names[i % names.length], TEXT));
  await pause(30_000);
  const used = [];
  for (const rate of RATES)
    used.push(await costOf(() => atRate(rate, rate * SECONDS, (i) => push(names[(i * 7) % names.length], TEXT))));
  const more = (RATES[1] - RATES[0]) * SECONDS;
  const added = (key) => Math.max(0, (used[1][key] - used[0][key]) / more);
  return {
    ...parts('push', added),
    ...parts('busy', (key) => Math.max(0, used[0][key] / SECONDS - RATES[0] * added(key))),
    'push.database.hot': used[1].hotUpdates / used[1].updates,
    'push.database.updates': used[1].updates / (RATES[1] * SECONDS),
  };
}

/** `pushMessage` to many recipients, one mutation a second. */
export async function widePushes({ push, costOf }, names) {
  const used = await costOf(() =>
    atRate(1, WIDE.pushes, (i) =>
      push(
        Array.from({ length: WIDE.recipients }, (_, j) => names[(i * WIDE.recipients + j) % names.length]),
        TEXT,
      ),
    ),
  );
  return parts('wide', (key) => used[key] / (WIDE.pushes * WIDE.recipients));
}

/** Global messages, to all who listen. */
export async function globals({ graphql, costOf }, listening) {
  const heard = () => listening.reduce((sum, count) => sum + count(), 0);
  const used = await costOf(async () => {
    for (let i = 0; i < GLOBALS; i += 1) {
      const wanted = heard() + listening.length;
      await graphql('mutation($m: String!) { pushGlobalMessage(input: { message: $m }) { id } }', { m: TEXT });
      while (heard() < wanted) await pause(10);
      await pause(2_000);
    }
  });
  return parts('global', (key) => used[key] / (GLOBALS * listening.length));
}

function parts(kind, value) {
  return Object.fromEntries(
    Object.entries(PARTS)
      .map(([part, key]) => [`${kind}.${part}`, value(key)])
      .filter(([, each]) => !Number.isNaN(each)),
  );
}
