import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { logged } from '../log/log-line.js';
import { Metrics } from '../metrics/metrics.js';
import { Hub } from './hub.js';
import { Trail } from './trail.js';

const SLICES = 10;

/** Pings every connection once in `PING_INTERVAL`, a slice of them at a time, and ends those that did not answer the ping before. */
@Injectable()
export class Heartbeat implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private tick = 0;
  private tickedAt = performance.now();

  constructor(
    private readonly settings: Settings,
    private readonly hub: Hub,
    private readonly metrics: Metrics,
    private readonly trail: Trail,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.beat(), this.period).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private get period(): number {
    return this.settings.pingInterval / SLICES;
  }

  private beat(): void {
    const late = performance.now() - this.tickedAt > 3 * this.period + 1_000;
    this.tickedAt = performance.now();
    // A process that was paused finds its peers' answers unread; it must not take them for dead.
    if (late) return;
    this.tick = (this.tick + 1) % SLICES;
    for (const connection of [...this.hub.slice(this.tick, SLICES)]) {
      if (connection.probe()) {
        this.metrics.pings.add();
        continue;
      }
      if (logged.debug)
        this.trail.ended('connection.silent', 'A connection was ended: its peer does not answer pings', connection);
      connection.cutOff('no_pong');
    }
  }
}
