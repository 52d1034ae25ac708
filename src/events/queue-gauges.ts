import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { JobType, Queue } from 'bullmq';
import { Settings } from '../config/config.module.js';
import { Metrics } from '../metrics/metrics.js';
import { remembered } from '../metrics/remembered.js';
import { EVENTS_QUEUE } from './events-queue.js';

/** What PostgreSQL calls those that wait while the queue is paused. The types don't know it. */
const PAUSED = 'paused' as JobType;

/** What there is of a queue at some moment. */
interface Backlog {
  readonly jobs: Readonly<Record<string, number>>;
  /** When the job that waits longest was added, in milliseconds since the epoch; null when none waits. */
  readonly oldest: number | null;
}

/** What the metrics show of the queue, which is the same whichever process is asked. */
@Injectable()
export class QueueGauges implements OnModuleInit {
  constructor(
    private readonly settings: Settings,
    private readonly metrics: Metrics,
    @InjectQueue(EVENTS_QUEUE) private readonly queue: Queue,
  ) {}

  onModuleInit(): void {
    const backlog = remembered(this.settings.metricsInterval, () => this.look());
    this.metrics.gauges(
      'homing_queue_jobs',
      'Jobs of the queue by state, in the whole installation. Delayed are those that come by a schedule, and those that failed and are tried again.',
      'state',
      async () => (await backlog()).jobs,
    );
    this.metrics.gauge(
      'homing_queue_oldest_job_seconds',
      'How long the job that waits longest has waited, in the whole installation; 0 when none waits.',
      async () => {
        const { oldest } = await backlog();
        return oldest === null ? 0 : Math.max(0, Date.now() - oldest) / 1_000;
      },
    );
  }

  private async look(): Promise<Backlog> {
    const [{ waiting = 0, [PAUSED]: paused = 0, ...jobs }, [first]] = await Promise.all([
      this.queue.getJobCounts('waiting', PAUSED, 'active', 'delayed', 'failed'),
      this.queue.getJobs(['waiting'], 0, 0, true),
    ]);
    return { jobs: { waiting: waiting + paused, ...jobs }, oldest: first?.timestamp ?? null };
  }
}
