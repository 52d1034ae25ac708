/** More keys than this are not kept in mind; the one that was longest quiet is forgotten first. */
const LIMIT = 10_000;

/** A bucket of tokens for each key: it refills at a rate, and holds `capacity` at most. Its memory is bounded. */
export class RateBuckets {
  private readonly buckets = new Map<string, { tokens: number; filledAt: number }>();

  constructor(
    private readonly perSecond: number,
    private readonly capacity: number,
  ) {}

  /** Takes tokens, one or as many as are asked for; none, and false, when there are not so many. */
  take(key: string, count = 1): boolean {
    const tokens = this.tokens(key);
    this.buckets.delete(key);
    this.buckets.set(key, { tokens: tokens < count ? tokens : tokens - count, filledAt: performance.now() });
    if (this.buckets.size > LIMIT) this.buckets.delete(this.buckets.keys().next().value as string);
    return tokens >= count;
  }

  /** Seconds until a token can be taken: 0 when one is there. */
  wait(key: string): number {
    return Math.ceil(Math.max(0, 1 - this.tokens(key)) / this.perSecond);
  }

  private tokens(key: string): number {
    const bucket = this.buckets.get(key);
    if (!bucket) return this.capacity;
    return Math.min(this.capacity, bucket.tokens + ((performance.now() - bucket.filledAt) / 1_000) * this.perSecond);
  }
}
