import { performance } from 'node:perf_hooks';
import type { Histogram } from '../metrics/histogram.js';
import type { Metrics } from '../metrics/metrics.js';
import { readGauge } from '../metrics/read-gauge.js';
import type { NodeReport } from './node-report.js';

type Counted = Omit<NodeReport, 'host' | 'pid' | 'version' | 'roles' | 'uptime' | 'interval'>;

/** Totals at the last report, from which rates are made. */
interface Last {
  readonly at: number;
  readonly pushed: number;
  readonly delivered: number;
  readonly waits: number;
  readonly waited: number;
  readonly loop: ReturnType<typeof performance.eventLoopUtilization>;
}

/** What a process has counted, as its reports have it. It counts nothing by itself. */
export class Counts {
  private last: Last;

  constructor(private readonly metrics: Metrics) {
    this.last = this.totals();
  }

  /** What there is to say since the last time. */
  async read(): Promise<Counted> {
    const { metrics, last } = this;
    const now = (this.last = this.totals());
    const seconds = Math.max(now.at - last.at, 1) / 1_000;
    const waits = now.waits - last.waits;
    const gauge = async (name: string) => (await readGauge(metrics, name)).get('') ?? null;
    return {
      busy: performance.eventLoopUtilization(now.loop, last.loop).utilization,
      connections: await gauge('homing_connections'),
      recipients: await gauge('homing_recipients_connected'),
      unproven: await gauge('homing_messages_unproven'),
      pushed: now.pushed,
      pushedPerSecond: (now.pushed - last.pushed) / seconds,
      delivered: now.delivered,
      deliveredPerSecond: (now.delivered - last.delivered) / seconds,
      expired: metrics.messagesExpired.value,
      eventLag: waits > 0 ? (now.waited - last.waited) / waits : null,
      errors: this.errors(),
    };
  }

  private totals(): Last {
    const { messagesPushed, pushToProof, jobWait } = this.metrics;
    const waits = jobWait.all.map(({ child }) => child);
    return {
      at: performance.now(),
      pushed: messagesPushed.recipient.value + messagesPushed.global.value,
      delivered: countOf(pushToProof.recipient) + countOf(pushToProof.global),
      waits: waits.reduce((sum, histogram) => sum + countOf(histogram), 0),
      waited: waits.reduce((sum, histogram) => sum + histogram.sum, 0),
      loop: performance.eventLoopUtilization(),
    };
  }

  private errors(): Record<string, number> {
    const { metrics } = this;
    const failedJobs = metrics.jobs.all.filter(({ labels }) => labels['outcome'] === 'failed');
    const failedOperations = metrics.operations.all.filter(
      ({ labels }) => labels['outcome'] === 'INTERNAL_SERVER_ERROR',
    );
    const sum = (of: typeof failedJobs) => of.reduce((total, { child }) => total + child.value, 0);
    const errors = {
      'inboxes that could not be read': metrics.inboxErrors.value,
      'events that the queue did not take': metrics.eventsDropped.value,
      'jobs that failed': sum(failedJobs),
      'operations that failed': sum(failedOperations),
      'crashes of the database': metrics.databaseCrashes.value,
      'consumers cut off for not reading': metrics.connectionsClosed.slow_consumer.value,
    };
    return Object.fromEntries(Object.entries(errors).filter(([, count]) => count > 0));
  }
}

function countOf({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
