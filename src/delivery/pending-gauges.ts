import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { Metrics } from '../metrics/metrics.js';
import { remembered } from '../metrics/remembered.js';
import { PendingRepository } from './pending.repository.js';

/** What the metrics show of messages that wait for their recipients, which is the same whichever process is asked. */
@Injectable()
export class PendingGauges implements OnModuleInit {
  constructor(
    private readonly settings: Settings,
    private readonly metrics: Metrics,
    private readonly pending: PendingRepository,
  ) {}

  onModuleInit(): void {
    const { metrics, pending } = this;
    const { metricsInterval } = this.settings;
    metrics.gauge(
      'homing_messages_pending',
      'Messages to recipients that are PENDING, in the whole installation: exact up to 100,000, roughly beyond.',
      remembered(metricsInterval, () => pending.count()),
    );
    metrics.gauge(
      'homing_messages_pending_oldest_seconds',
      'How long the oldest message that is PENDING has been so, in the whole installation; 0 when none has been for a minute.',
      remembered(metricsInterval, () => pending.oldest()),
    );
  }
}
