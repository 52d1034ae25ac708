import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Settings } from '../../src/config/config.module.js';
import { Drain } from '../../src/drain/drain.js';
import { ConnectionsDrain } from '../../src/gateway/connections-drain.js';

const DRAIN_TIME = 10_000;
const SECOND = 1_000;
/** Those of so many milliseconds are closed together. */
const STEP = 50;

/** Connections that close at once, and when each did. */
class Connections extends Set<object> {
  readonly closings: number[] = [];

  constructor(count: number) {
    super();
    for (let i = 0; i < count; i += 1) {
      const connection = {
        close: () => {
          this.closings.push(performance.now());
          this.delete(connection);
        },
      };
      this.add(connection);
    }
  }

  /** The most that closed within any one second. */
  get peak(): number {
    return Math.max(
      ...this.closings.map((from) => this.closings.filter((at) => at >= from && at < from + SECOND).length),
    );
  }
}

describe('connections that are drained', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function drainOf(connections: Connections, drainTime = DRAIN_TIME): Drain {
    const settings = { drainTime, shutdownDelay: 0 } as Settings;
    const drain = new Drain(settings);
    const door = { shut: () => undefined };
    const done = { settle: () => Promise.resolve(), settleAll: () => Promise.resolve() };
    const hub = connections as unknown as never;
    new ConnectionsDrain(settings, drain, door as never, hub, done as never, done as never).onModuleInit();
    return drain;
  }

  it.each([1, 2, 50, 201, 250, 3_000])('are %i: no second has more than its share of DRAIN_TIME', async (count) => {
    const connections = new Connections(count);
    const began = performance.now();
    const drained = drainOf(connections).drain();
    await vi.advanceTimersByTimeAsync(DRAIN_TIME + SECOND);
    await drained;
    expect(connections.closings).toHaveLength(count);
    expect(connections.peak).toBeLessThanOrEqual(Math.ceil((count * (SECOND + STEP)) / DRAIN_TIME));
    expect(connections.closings.at(-1)! - began).toBeLessThanOrEqual(DRAIN_TIME);
  });

  it('are closed no faster after the node was busy, but over a longer time', async () => {
    const connections = new Connections(1_000);
    const began = performance.now();
    const busy = [...connections][400] as { close: () => void };
    const { close } = busy;
    busy.close = () => {
      vi.advanceTimersByTime(2 * SECOND);
      close();
    };
    const drained = drainOf(connections).drain();
    await vi.advanceTimersByTimeAsync(DRAIN_TIME + 2 * SECOND);
    await drained;
    expect(connections.closings).toHaveLength(1_000);
    expect(connections.closings.at(-1)! - began).toBeLessThanOrEqual(DRAIN_TIME + 2 * SECOND);
    expect(connections.peak).toBeLessThanOrEqual((1_000 * (SECOND + STEP)) / DRAIN_TIME);
  });

  it('are closed at once when DRAIN_TIME is 0', async () => {
    const connections = new Connections(1_000);
    await drainOf(connections, 0).drain();
    expect(new Set(connections.closings).size).toBe(1);
  });
});
