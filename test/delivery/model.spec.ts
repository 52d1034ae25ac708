import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueIsHere } from '../support/host.js';
import { Installation } from './model/installation.js';
import type { Script } from './model/script.js';
import { check, search } from './model/search.js';
import { Tally } from './model/tally.js';

// `npm run test:model` sets these; see CONTRIBUTING.md.
const { HOMING_MODEL_RUNS, HOMING_MODEL_SEED, HOMING_MODEL_PATH, HOMING_MODEL_SCRIPT } = process.env;
const RUNS = Number(HOMING_MODEL_RUNS ?? 100);
/** `npm test` plays the same sequences each time; `npm run test:model` takes another seed at each call. */
const SEED = 20_261_124;
/** Searches at the same time, each on an installation of its own: while one waits for its clients, the other works. */
const SEARCHES = HOMING_MODEL_PATH || HOMING_MODEL_SCRIPT ? 1 : 2;
/** More than a sequence takes on a busy machine, and the time to make a failing one shorter. In milliseconds. */
const RUN_TIME = 5_000;
const REPORT_TIME = 300_000;

describe.runIf(queueIsHere)('the promises of delivery', () => {
  const installations: Installation[] = [];
  const tally = new Tally();
  beforeAll(async () => {
    for (let i = 0; i < SEARCHES; i += 1) installations.push(await Installation.start());
  });
  afterAll(async () => {
    for (const installation of installations) await installation.stop();
  });

  it.runIf(HOMING_MODEL_SCRIPT)('hold when the script is played', { timeout: RUNS * RUN_TIME }, async () => {
    const script = JSON.parse(readFileSync(HOMING_MODEL_SCRIPT ?? '', 'utf8')) as Script;
    for (let i = 0; i < RUNS; i += 1) await check(installations[0]!, tally, script);
  });

  it.skipIf(HOMING_MODEL_SCRIPT)('hold in every sequence', { timeout: REPORT_TIME + RUNS * RUN_TIME }, async () => {
    const seed = Number(HOMING_MODEL_SEED ?? SEED);
    await search(installations, tally, {
      runs: RUNS,
      seed,
      path: HOMING_MODEL_PATH,
      shrinking: process.env['HOMING_MODEL_SHRINKING'] !== 'no',
    });
    // Named, so that a night's search can be judged, and repeated.
    process.stderr.write(`Seed ${seed}: ${tally.tell(installations)}.\n`);
    if (RUNS < 100 || HOMING_MODEL_PATH) return;
    for (const [what, count] of tally.entries(installations)) expect(count, what).toBeGreaterThan(0);
  });
});
