import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import type { Family, Sample } from './family.js';
import type { Metrics } from './metrics.js';

/** A gauge that is not read within this time, in milliseconds, is left out: Prometheus waits for 10 s. */
const PATIENCE = 2_000;

/**
 * Lets prom-client write what this process counts, and what it knows of Node itself. Loaded only where metrics are served:
 * prom-client takes a tenth of a second.
 */
export class Exposition {
  private readonly registry = new Registry();
  private writing: Promise<string> | null = null;

  constructor(private readonly metrics: Metrics) {
    collectDefaultMetrics({ register: this.registry });
  }

  /** The type of what `write` gives. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics in Prometheus' text format. Those who ask at the same time share an answer. */
  write(): Promise<string> {
    // Parts that start later than the server add theirs then.
    for (const family of this.metrics.families)
      if (!this.registry.getSingleMetric(family.name)) this.registry.registerMetric(asMetric(family));
    this.writing ??= this.registry.metrics().finally(() => (this.writing = null));
    return this.writing;
  }
}

/** What prom-client's registry asks of a metric. Its own would count by looking up labels, at each step of a message. */
function asMetric({ name, help, type, read }: Family): Metric {
  const get = async () => ({ name, help, type, values: await within(PATIENCE, read) });
  return { name, help, type, get } as unknown as Metric;
}

/** What is read within so many milliseconds, or nothing: what can't be read must not take the rest away. */
async function within(patience: number, read: Family['read']): Promise<readonly Sample[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Sample[]>((resolve) => {
    timer = setTimeout(() => resolve([]), patience);
  });
  try {
    return await Promise.race([read(), late]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
