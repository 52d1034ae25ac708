import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lane } from '../../src/database/lane.js';
import { Pace } from '../../src/database/pace.js';
import { SharedRun } from '../../src/database/shared-run.js';

const STEP = 10;

describe('a pace', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  /** When something began, in milliseconds since the test did. */
  const times = () => {
    const start = performance.now();
    const begun: number[] = [];
    return { begun, note: () => begun.push(performance.now() - start) };
  };

  it('makes nobody wait who comes after a quiet time, and the others for the rest of the step', async () => {
    const { begun, note } = times();
    const pace = new Pace(STEP);
    const turn = () => pace.turn().then(note);
    await turn();
    vi.advanceTimersByTime(4);
    const second = turn();
    await vi.advanceTimersByTimeAsync(STEP);
    await second;
    await vi.advanceTimersByTimeAsync(STEP);
    await turn();
    expect(begun).toEqual([0, STEP, 4 + 2 * STEP]);
  });

  it('lets a shared run take all who asked until it began', async () => {
    const { begun, note } = times();
    const run = new SharedRun(async () => note(), STEP);
    await run.ask();
    const asked = [run.ask()];
    await vi.advanceTimersByTimeAsync(STEP - 1);
    asked.push(run.ask());
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(asked);
    expect(begun).toEqual([0, STEP]);
  });

  it('lets a lane take all who came until its statement began', async () => {
    const { begun, note } = times();
    const batches: number[][] = [];
    const lane = new Lane<number>(
      (waiting) => waiting.splice(0, 10),
      async (batch) => {
        note();
        batches.push([...batch]);
      },
      STEP,
    );
    lane.add(1);
    await vi.advanceTimersByTimeAsync(1);
    lane.add(2);
    await vi.advanceTimersByTimeAsync(STEP - 3);
    lane.add(3);
    await vi.advanceTimersByTimeAsync(STEP);
    expect(batches).toEqual([[1], [2, 3]]);
    expect(begun[1]! - begun[0]!).toBe(STEP);
  });
});
