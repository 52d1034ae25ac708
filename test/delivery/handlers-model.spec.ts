import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HANDLED_EVENTS } from '../../src/events/handled-events.js';
import { Log } from '../../src/log/log.js';
import { AllHandlers, Record, withHandlers } from '../support/handlers.js';
import { oneProcess, queueIsHere } from '../support/host.js';
import { Installation } from './model/installation.js';
import { search } from './model/search.js';
import { Tally } from './model/tally.js';

const RUNS = 20;
const TIME = 600_000;

describe.runIf(queueIsHere && oneProcess('It calls a part of a node by itself.'))('the promises of delivery', () => {
  const calls = new Record();
  let installation: Installation;
  beforeAll(async () => {
    // What these handlers do is told, and is no news here.
    vi.spyOn(Log.prototype, 'write').mockImplementation(() => undefined);
    const handlers = new AllHandlers((way, event) => {
      calls.note(way, event);
      switch (calls.events.length % 3) {
        case 0:
          throw new Error('A handler failed');
        case 1:
          return new Promise(() => undefined);
        default:
          return undefined;
      }
    });
    installation = await Installation.start(withHandlers(handlers));
  });
  afterAll(async () => {
    await installation.stop();
    vi.restoreAllMocks();
  });

  it('hold beside live and durable handlers that throw and hang', { timeout: TIME }, async () => {
    await search([installation], new Tally(), { runs: RUNS, seed: 27, path: undefined, shrinking: false });
    for (const eventClass of HANDLED_EVENTS)
      for (const way of ['live', 'durable'] as const)
        expect(calls.of(way, eventClass).length, `${way} ${eventClass.name}`).toBeGreaterThan(0);
  });
});
