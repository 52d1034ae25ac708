import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { NodeId } from '../config/node-id.js';
import { VERSION } from '../graphql/version.js';
import { Log } from '../log/log.js';
import { LogThrottle } from '../log/log-throttle.js';
import { Metrics } from '../metrics/metrics.js';
import { Counts } from './counts.js';
import { NodesRepository } from './nodes.repository.js';

const WARNING_STEP = 60_000;
/** How long a process that stops may take to tell that it is gone, in milliseconds. */
const GOODBYE_TIME = 1_000;

/** Says every few seconds what this process is and does, so that the admin pages of any node can tell of all. When it can't, nothing else changes. */
@Injectable()
export class Reporter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Log(Reporter.name);
  private readonly warnings = new LogThrottle(WARNING_STEP);
  private readonly counts: Counts;
  private timer: NodeJS.Timeout | undefined;
  private reporting: Promise<void> | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly node: NodeId,
    private readonly repository: NodesRepository,
    metrics: Metrics,
  ) {
    this.counts = new Counts(metrics);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.report(), this.settings.adminReportInterval).unref();
    this.report();
  }

  /** Before TypeORM closes its pool, which it does in the next step. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    // Whoever can't say goodbye is forgotten in time; the others need not wait for it.
    await Promise.race([this.leave(), pause(GOODBYE_TIME, undefined, { ref: false })]);
  }

  private async leave(): Promise<void> {
    await this.reporting;
    await this.repository.leave(this.node.text).catch(() => undefined);
  }

  /** One report at a time: a database that hangs must not take more than one connection. */
  private report(): void {
    this.reporting ??= this.write()
      .catch((error: unknown) => {
        if (this.warnings.isDue())
          this.log.write('node.unreported', 'The admin pages are not told of this node', { error });
      })
      .finally(() => (this.reporting = null));
  }

  private async write(): Promise<void> {
    await this.repository.report(this.node.text, {
      host: hostname(),
      pid: process.pid,
      version: VERSION,
      roles: this.settings.roles,
      uptime: process.uptime() * 1_000,
      interval: this.settings.adminReportInterval,
      ...(await this.counts.read()),
    });
  }
}
