import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { Snapshot } from '../../src/delivery/snapshot.js';

const START = Date.parse('2023-07-18T15:00:00.000Z');

describe('the clock of the database, as a node knows it', () => {
  let clock: DatabaseClock;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    clock = new DatabaseClock({} as never);
  });
  afterEach(() => vi.useRealTimers());

  /** A statement that takes so many milliseconds, and brings back the time. */
  function read(time: number, takes: number): void {
    const sentAt = performance.now();
    vi.advanceTimersByTime(takes);
    clock.observe(new Date(time), sentAt);
  }

  it('is rather ahead by the time that the reading took, and has reached what it was without it', () => {
    read(START, 30);
    expect([clock.now(), clock.reached()]).toEqual([START + 30, START]);
    vi.advanceTimersByTime(1_000);
    expect([clock.now(), clock.reached()]).toEqual([START + 1_030, START + 1_000]);
    read(START + 1_005, 10);
    expect([clock.now(), clock.reached()]).toEqual([START + 1_015, START + 1_005]);
  });

  it('is not set back by a reading that was sent before the last and came after it', () => {
    const early = performance.now();
    vi.advanceTimersByTime(5);
    read(START + 3_600_000, 5);
    clock.observe(new Date(START), early);
    expect(clock.now()).toBe(START + 3_600_005);
  });

  it.each([
    ['asked again behind a look into inboxes that hung for seconds', 5_000, 1],
    ['not asked again behind a quick one', 5, 0],
  ])('is %s', async (_what, takes, expected) => {
    let asked = 0;
    // The database is silent, and then tells the time at which it answers.
    const databaseTime = () => new Date(START + performance.now());
    const client = {
      query: async ({ name }: { name: string }) => {
        if (name === 'homing_clock') asked += 1;
        else vi.advanceTimersByTime(takes);
        return { rows: [{ now: databaseTime(), life: 'a', pending: [], news: [] }] };
      },
      release: () => undefined,
    };
    // A connection of the pool is waited for as long, which says nothing about the time.
    const connect = async () => {
      vi.advanceTimersByTime(5_000);
      return client;
    };
    const dataSource = { driver: { master: { connect } } };
    clock = new DatabaseClock(dataSource as never);
    const inbox = new InboxRepository(dataSource as never, clock, { observe: async () => undefined } as never);
    await inbox.look([{ tenant: 'acme', recipient: 'ann', topic: null, since: Snapshot.parse('10:10:') }]);
    expect(clock.now() - databaseTime().getTime()).toBeLessThanOrEqual(takes < 250 ? takes : 0);
    expect(asked).toBe(expected);
    expect(clock.spread).toBeLessThan(250);
  });
});
