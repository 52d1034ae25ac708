import type { Metrics } from './metrics.js';

/** How long a gauge may take to be read, in milliseconds. */
const PATIENCE = 2_000;

/**
 * The numbers of a gauge, by the values of its label ('' where it has none), for others than Prometheus.
 * None where this process does not have it, or it can't be read in time.
 */
export async function readGauge(metrics: Metrics, name: string): Promise<ReadonlyMap<string, number>> {
  const family = metrics.families.find((candidate) => candidate.name === name);
  if (!family) return new Map();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), PATIENCE);
  });
  try {
    const samples = await Promise.race([family.read(), late]);
    return new Map(samples.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
  } catch {
    return new Map();
  } finally {
    clearTimeout(timer);
  }
}
