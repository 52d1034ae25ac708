import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';
import { eventually } from '../eventually.js';
import { processes } from '../host.js';
import type { Service } from '../service.js';

// `npm run test:hostile` sets these; see CONTRIBUTING.md.
const { HOMING_HOSTILE_RUNS, HOMING_HOSTILE_SEED, HOMING_HOSTILE_PATH } = process.env;
/** `npm test` sends the same things each time; `npm run test:hostile` takes another seed at each call. */
const SEED = Number(HOMING_HOSTILE_SEED ?? 20_261_124);
/** How many nodes there are is nothing to a single request: several processes get fewer, and their memory is not looked at. */
export const RUNS = Number(HOMING_HOSTILE_RUNS ?? (processes > 0 ? 500 : 2_000));
/** More than one of them takes on a busy machine, and the time to make a failing one shorter. In milliseconds. */
export const SEARCH_TIME = 300_000 + RUNS * 50;

/** What the first ones fill for good: caches, compiled code, pools of connections. */
const WARM_UP = 500;
/** In MiB. The parsed documents that Apollo keeps, 30 MiB of them as JSON at most, and the garbage collector's whim. */
const MEMORY_MARGIN = 64;
/** What connections kept alive and timers come and go by. */
const HANDLES_MARGIN = 10;

/**
 * Sends what the arbitrary makes up, one after the other, and lets `attack` judge each. Gives how often
 * `attack` said what of them.
 * @throws when one fails; the message has the shortest one that was found, and how to send it again
 */
export async function search<T>(
  service: Service,
  name: string,
  arbitrary: fc.Arbitrary<T>,
  attack: (item: T) => Promise<string>,
): Promise<Map<string, number>> {
  const unhandled: unknown[] = [];
  const keep = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', keep);
  const tally = new Map<string, number>();
  let sent = 0;
  let before: Footprint | undefined;
  const property = fc.asyncProperty(arbitrary, async (item) => {
    if (sent === WARM_UP && processes === 0) before = footprint();
    sent += 1;
    const said = await attack(item);
    tally.set(said, (tally.get(said) ?? 0) + 1);
    expect(unhandled).toEqual([]);
  });
  const path = HOMING_HOSTILE_PATH;
  const found = await fc.check(property, { numRuns: RUNS, seed: SEED, ...(path !== undefined && { path }) });
  process.off('unhandledRejection', keep);
  const counts = [...tally].sort().map(([said, count]) => `${said} ${count}`);
  process.stderr.write(`Seed ${SEED}: ${sent} ${name}: ${counts.join(', ')}.\n`);
  if (found.counterexample) {
    const { stack } = found.errorInstance as Error;
    throw new Error(
      [
        stack,
        `The shortest found:\n${fc.stringify(found.counterexample[0])}`,
        `To send it again: npm run test:hostile -- --only ${name} --seed ${found.seed} --path ${found.counterexamplePath}`,
      ].join('\n\n'),
    );
  }
  await expectDelivery(service);
  if (before) await expectNoGrowth(before);
  return tally;
}

interface Footprint {
  readonly mebibytes: number;
  readonly handles: number;
}

function footprint(): Footprint {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return { mebibytes: (heapUsed + external) / 2 ** 20, handles: process.getActiveResourcesInfo().length };
}

async function expectNoGrowth(before: Footprint): Promise<void> {
  // Connections that are kept alive between requests end in a while.
  await eventually(() => {
    const now = footprint();
    expect(now.handles, 'open handles').toBeLessThan(before.handles + HANDLES_MARGIN);
    expect(now.mebibytes, 'memory in MiB').toBeLessThan(before.mebibytes + MEMORY_MARGIN);
  });
}

/** A message reaches a recipient and is proven, as if nothing had been. */
async function expectDelivery(service: Service): Promise<void> {
  const key = await service.createKey({ tenant: 'bystander' });
  const client = await service.connect('ann', {}, key);
  const [message] = await service.push('ann', 'all is well', {}, key);
  expect(await client.received(1)).toEqual(['all is well']);
  await eventually(async () =>
    expect(await service.messages({}, key)).toMatchObject([{ id: message!.id, status: 'DELIVERED' }]),
  );
  await client.close();
}
