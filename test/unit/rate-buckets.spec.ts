import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateBuckets } from '../../src/http/rate-buckets.js';

describe('rate buckets', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => vi.useRealTimers());

  it('give as many tokens as they hold, and refill at their rate', () => {
    const buckets = new RateBuckets(0.5, 3);
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false]);
    expect(buckets.wait('a')).toBe(2);
    vi.advanceTimersByTime(1_500);
    expect([buckets.take('a'), buckets.wait('a')]).toEqual([false, 1]);
    vi.advanceTimersByTime(500);
    expect([buckets.wait('a'), buckets.take('a'), buckets.take('a')]).toEqual([0, true, false]);
    vi.advanceTimersByTime(3_600_000);
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false]);
  });

  it('give several tokens at once, or none of them', () => {
    const buckets = new RateBuckets(1, 3);
    expect([buckets.take('a', 4), buckets.take('a', 2), buckets.take('a', 2), buckets.take('a')]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('are one for each key', () => {
    const buckets = new RateBuckets(1, 1);
    expect([buckets.take('a'), buckets.take('b'), buckets.take('a')]).toEqual([true, true, false]);
    expect(buckets.wait('c')).toBe(0);
  });

  it('forget the key that was longest quiet when there are too many', () => {
    const buckets = new RateBuckets(1, 1);
    for (const key of ['a', 'b', 'a']) buckets.take(key);
    for (let i = 0; i < 9_999; i += 1) buckets.take(`other ${i}`);
    expect([buckets.wait('b'), buckets.wait('a')]).toEqual([0, 1]);
  });
});
