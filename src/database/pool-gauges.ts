import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { Settings } from '../config/config.module.js';
import { Metrics } from '../metrics/metrics.js';

/** What the metrics show of this process's connections to the database. */
@Injectable()
export class PoolGauges implements OnModuleInit {
  constructor(
    private readonly settings: Settings,
    private readonly metrics: Metrics,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  onModuleInit(): void {
    const { metrics, settings } = this;
    const { master } = this.dataSource.driver as unknown as { readonly master: Pool };
    metrics.gauges(
      'homing_database_connections',
      "Connections of this process's pool, by what they do.",
      'state',
      () => ({
        used: master.totalCount - master.idleCount,
        idle: master.idleCount,
      }),
    );
    metrics.gauge(
      'homing_database_connections_limit',
      'Connections of the pool at most (DATABASE_POOL_SIZE).',
      () => settings.databasePoolSize,
    );
    metrics.gauge(
      'homing_database_waiting',
      'Statements that wait for a connection of the pool.',
      () => master.waitingCount,
    );
  }
}
