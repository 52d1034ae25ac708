import type { Counter } from './counter.js';
import type { Histogram } from './histogram.js';
import type { Labels } from './labelled.js';

/** One number of a scrape. */
export interface Sample {
  /** Of a histogram the name of the family and what kind of number it is; else that of the family. */
  readonly metricName?: string;
  readonly labels: Labels;
  readonly value: number;
}

/** What a scrape shows under one name. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What there is to show now. Nothing, where it is not known. */
  read(): readonly Sample[] | Promise<readonly Sample[]>;
}

export function counterSample({ value }: Counter, labels: Labels = {}): Sample {
  return { labels, value };
}

/** The series of a histogram: each bucket with all that is in smaller ones, the sum and the count. */
export function histogramSamples(name: string, { bounds, counts, sum }: Histogram, labels: Labels = {}): Sample[] {
  let count = 0;
  const buckets = counts.map((inBucket, i) => {
    count += inBucket;
    const le = bounds[i] === undefined ? '+Inf' : String(bounds[i]);
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
