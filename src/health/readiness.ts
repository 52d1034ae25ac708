import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import {
  type HealthCheckResult,
  type HealthIndicatorResult,
  HealthCheckService,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Queue } from 'bullmq';
import { DataSource } from 'typeorm';
import { Settings } from '../config/config.module.js';
import type { Role } from '../config/service-settings.js';
import { PreparedStatement } from '../database/prepared-statement.js';
import { Drain } from '../drain/drain.js';
import { EVENTS_QUEUE } from '../events/events-queue.js';
import { Relay } from '../relay/relay.js';
import { Check, PATIENCE } from './check.js';

const CHECK = new PreparedStatement('homing_check', 'SELECT 1', PATIENCE);

type Reached = 'ok' | 'unreachable';

/** The state of a part: well, away though the node does what it promises, or away so that it can't. */
type State = 'up' | 'degraded' | 'down';

/** What a node says of itself to those who send it requests. */
export interface ReadinessReport {
  readonly status: 'ok' | 'unavailable';
  readonly roles: readonly Role[];
  readonly database: Reached;
  readonly queue: Reached;
  readonly draining: boolean;
  /** Each part by its name, in the words of terminus. */
  readonly details: HealthCheckResult['details'];
}

/**
 * Whether the node does what its roles promise. All of them need the database. Without the queue nothing is refused, lost or
 * forgotten: what is pushed is stored, and delivered by the node's own events and by the reconciler. So a queue that is
 * away is told, and makes a node unavailable only when working the queue is all that it is there for. The same holds for a relay that is away:
 * it makes messages late.
 */
@Injectable()
export class Readiness {
  private readonly database: Check;
  private readonly queue: Check;

  constructor(
    private readonly settings: Settings,
    private readonly drain: Drain,
    private readonly relay: Relay,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    @InjectDataSource() dataSource: DataSource,
    @InjectQueue(EVENTS_QUEUE) queue: Queue,
  ) {
    this.database = new Check(() => CHECK.run(dataSource, []));
    this.queue = new Check(() => queue.isPaused());
  }

  async report(): Promise<ReadinessReport> {
    const [database, queue] = await Promise.all([this.database.isReachable(), this.queue.isReachable()]);
    const { roles } = this.settings;
    const draining = this.drain.hasBegun;
    const needsQueue = roles.every((role) => role === 'worker');
    const { status, details } = await this.check({
      database: database ? 'up' : 'down',
      queue: queue ? 'up' : needsQueue ? 'down' : 'degraded',
      relay: this.relay.isUp ? 'up' : 'degraded',
      drain: draining ? 'down' : 'up',
    });
    return {
      status: status === 'ok' || status === 'degraded' ? 'ok' : 'unavailable',
      roles,
      database: database ? 'ok' : 'unreachable',
      queue: queue ? 'ok' : 'unreachable',
      draining,
      details,
    };
  }

  /** Lets terminus judge the parts. It throws what it finds when that is not well. */
  private async check(parts: Readonly<Record<string, State>>): Promise<HealthCheckResult> {
    const asked = Object.entries(parts).map(([name, state]) => (): HealthIndicatorResult => {
      const indicator = this.indicators.check(name);
      if (state === 'up') return indicator.up();
      return state === 'degraded' ? indicator.degraded() : indicator.down();
    });
    try {
      return await this.health.check(asked);
    } catch (error) {
      if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthCheckResult;
      throw error;
    }
  }
}
