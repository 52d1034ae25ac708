import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DatabaseClock } from '../../src/database/database-clock.js';

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
});
