import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Queue } from 'bullmq';
import { DataSource } from 'typeorm';
import { Settings } from '../config/config.module.js';
import type { Role } from '../config/service-settings.js';
import { PreparedStatement } from '../database/prepared-statement.js';
import { Drain } from '../drain/drain.js';
import { EVENTS_QUEUE } from '../events/events-queue.js';
import { Check, PATIENCE } from './check.js';

const CHECK = new PreparedStatement('homing_check', 'SELECT 1', PATIENCE);

type Reached = 'ok' | 'unreachable';

/** What a node says of itself to those who send it requests. */
export interface ReadinessReport {
  readonly status: 'ok' | 'unavailable';
  readonly roles: readonly Role[];
  readonly database: Reached;
  readonly queue: Reached;
  readonly draining: boolean;
}

/**
 * Whether the node does what its roles promise. All of them need the database. Without the queue nothing is refused, lost or
 * forgotten: what is pushed is stored, and delivered by the node's own events and by the reconciler. So a queue that is
 * away is told, and makes a node unavailable only when working the queue is all that it is there for.
 */
@Injectable()
export class Readiness {
  private readonly database: Check;
  private readonly queue: Check;

  constructor(
    private readonly settings: Settings,
    private readonly drain: Drain,
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
    return {
      status: database && (queue || !needsQueue) && !draining ? 'ok' : 'unavailable',
      roles,
      database: database ? 'ok' : 'unreachable',
      queue: queue ? 'ok' : 'unreachable',
      draining,
    };
  }
}
