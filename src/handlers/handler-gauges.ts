import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { Metrics } from '../metrics/metrics.js';
import { remembered } from '../metrics/remembered.js';
import { Handlers } from './handlers.js';
import { OutboxRepository } from './outbox.repository.js';

/** What the metrics show of durable handlers, which is the same whichever process is asked: those that work the queue are. */
@Injectable()
export class HandlerGauges implements OnModuleInit {
  constructor(
    private readonly settings: Settings,
    private readonly metrics: Metrics,
    private readonly handlers: Handlers,
    private readonly outbox: OutboxRepository,
  ) {}

  onModuleInit(): void {
    const { metricsInterval } = this.settings;
    const outbox = remembered(metricsInterval, () => this.outbox.look());
    this.metrics.gauge(
      'homing_outbox_events',
      'Events that wait in the outbox to be moved to the queues of durable handlers, 100,000 at most.',
      async () => (this.areHere ? (await outbox()).events : null),
    );
    this.metrics.gauge(
      'homing_outbox_oldest_event_seconds',
      'How long the event that came into the outbox first has waited; 0 when none waits.',
      async () => (this.areHere ? (await outbox()).age : null),
    );
    for (const [name, help, states] of QUEUES) {
      const count = remembered(metricsInterval, () => this.count(states));
      this.metrics.gauges(name, help, 'handler', () => (this.areHere ? count() : {}));
    }
  }

  /** Whether this node works for durable handlers: where there are none, nothing is looked for. */
  private get areHere(): boolean {
    return this.settings.roles.includes('worker') && this.handlers.durable.length > 0;
  }

  private async count(states: readonly State[]): Promise<Record<string, number>> {
    const counts = await Promise.all(
      this.handlers.durable.map(
        async ({ plan, queue }) => [plan.durable, await queue.getJobCountByTypes(...states)] as const,
      ),
    );
    return Object.fromEntries(counts);
  }
}

type State = 'waiting' | 'active' | 'delayed' | 'failed';

const QUEUES = [
  [
    'homing_handler_jobs',
    'Events that a durable handler is still to handle, those that failed and are tried again among them.',
    ['waiting', 'active', 'delayed'],
  ],
  ['homing_handler_failed_jobs', 'Events that a durable handler gave up, and that are kept.', ['failed']],
] as const satisfies readonly (readonly [string, string, readonly State[]])[];
