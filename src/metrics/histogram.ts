/** How many values fell into which bucket. Plain, since it is counted on the way of a message. */
export class Histogram {
  /** By bucket; the last one has what is beyond all bounds. */
  readonly counts: number[];
  sum = 0;

  /** @param bounds the largest value of each bucket, rising */
  constructor(readonly bounds: readonly number[]) {
    this.counts = [...bounds, Infinity].map(() => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] as number)) bucket += 1;
    this.add(bucket, 1, value);
  }

  /** Adds so many values of one bucket, whose sum is this. */
  add(bucket: number, count: number, sum: number): void {
    this.counts[bucket] = (this.counts[bucket] ?? 0) + count;
    this.sum += sum;
  }
}
