import { type DynamicModule, Global, Module } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Settings } from '../config/config.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { clockFunction, type ClockStrategy } from './clock.strategy.js';
import { DatabaseClock } from './database-clock.js';
import { PoolGauges } from './pool-gauges.js';
import { dataSourceOptions, migrate } from './data-source.js';

/** Its own name: an application beside the service may have a data source of the default one, and let it find its entities. */
export const DATA_SOURCE = 'homing';

/** The connection to PostgreSQL, its schema brought up to date before anything else starts, and the clock. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(url: string, clock?: ClockStrategy): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        // Whatever a process does with the database counts.
        MetricsModule,
        TypeOrmModule.forRootAsync({
          name: DATA_SOURCE,
          inject: [Settings],
          useFactory: (settings: Settings) => ({
            ...dataSourceOptions(url, settings),
            retryAttempts: 3,
            retryDelay: 1_000,
          }),
          dataSourceFactory: async (options) => {
            if (!options) throw new Error('TypeORM gave no options');
            await migrate(options);
            const dataSource = await new DataSource(options).initialize();
            if (clock) await dataSource.query(clockFunction(clock));
            return dataSource;
          },
        }),
      ],
      providers: [DatabaseClock, PoolGauges, { provide: DataSource, useExisting: getDataSourceToken(DATA_SOURCE) }],
      exports: [DatabaseClock, DataSource],
    };
  }
}
