import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/** What the metrics show of the health of this process: the same that `/health/ready` says. */
@Injectable()
export class HealthGauges implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.show(
      'homing_ready',
      'Whether this process can do what its roles promise (/health/ready).',
      ({ status }) => status,
    );
    this.show('homing_database_up', 'Whether the database answers.', ({ database }) => database);
    this.show('homing_queue_up', 'Whether the queue answers.', ({ queue }) => queue);
  }

  private show(name: string, help: string, of: (report: ReadinessReport) => string): void {
    this.metrics.gauge(name, help, async () => (of(await this.readiness.report()) === 'ok' ? 1 : 0));
  }
}
