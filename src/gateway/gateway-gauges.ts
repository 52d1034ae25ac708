import { Injectable, type OnModuleInit, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { Metrics } from '../metrics/metrics.js';
import { lastPingNumber } from './connection.js';
import { Hub } from './hub.js';

/** A connection that has not proven for so long, in milliseconds, what it was sent is stalled. */
const STALLED_AFTER = 10_000;
const STEP = 2_000;
const STEPS = STALLED_AFTER / STEP;

/** What the metrics show of this process's connections. Looked up when it is asked for: a walk over all of them takes a millisecond. */
@Injectable()
export class GatewayGauges implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  /** The last pings of the last steps, oldest first. Pings rise, so they tell the age of whatever waits for one. */
  private readonly pings: number[] = [];

  constructor(
    private readonly hub: Hub,
    private readonly metrics: Metrics,
    private readonly settings: Settings,
  ) {}

  onModuleInit(): void {
    const { metrics, hub, settings } = this;
    metrics.gauge('homing_connections', 'Open connections.', () => hub.size);
    metrics.gauge(
      'homing_connections_limit',
      'Open connections that this process takes at most (MAX_CONNECTIONS).',
      () => settings.maxConnections,
    );
    metrics.gauge('homing_recipients_connected', 'Recipients with open connections here.', () => hub.recipients);
    metrics.gauge(
      'homing_messages_unproven',
      'Messages that were written to open connections and wait for their proof.',
      () => this.sum(({ unprovenCount }) => unprovenCount),
    );
    metrics.gauge(
      'homing_connections_stalled',
      `Open connections that were sent something more than ${STALLED_AFTER / 1_000} s ago and have not proven it.`,
      () => this.sum(({ firstPing }) => (firstPing !== null && firstPing <= this.oldPing ? 1 : 0)),
    );
    if (settings.metricsPort === null) return;
    this.timer = setInterval(() => {
      this.pings.push(lastPingNumber());
      if (this.pings.length > STEPS) this.pings.shift();
    }, STEP).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** The last ping of `STALLED_AFTER` ago, or a step before. */
  private get oldPing(): number {
    return this.pings.length < STEPS ? -1 : (this.pings[0] as number);
  }

  private sum(
    of: (connection: { readonly unprovenCount: number; readonly firstPing: number | null }) => number,
  ): number {
    let sum = 0;
    for (const connection of this.hub) sum += of(connection);
    return sum;
  }
}
