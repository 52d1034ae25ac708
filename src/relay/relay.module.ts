import { type DynamicModule, Global, Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Settings } from '../config/config.module.js';
import { NodeId } from '../config/node-id.js';
import { Metrics } from '../metrics/metrics.js';
import { PostgresRelay } from './postgres-relay.js';
import { RedisRelay } from './redis-relay.js';
import { Relay } from './relay.js';

/** The signals between nodes: through the database, or through Redis with `REDIS_URL`. */
@Global()
@Module({})
export class RelayModule {
  static forRoot(databaseUrl: string): DynamicModule {
    return {
      module: RelayModule,
      providers: [
        {
          provide: Relay,
          inject: [Settings, NodeId, getDataSourceToken(), Metrics],
          useFactory: (
            { redisUrl, namespace }: Settings,
            node: NodeId,
            dataSource: DataSource,
            metrics: Metrics,
          ): Relay => {
            const channel = `${namespace}_signals`;
            const relay =
              redisUrl === null
                ? new PostgresRelay(dataSource, databaseUrl, channel, node.text)
                : new RedisRelay(redisUrl, channel);
            metrics.gauge('homing_relay_up', 'Whether signals of other nodes can be heard here, and sent.', () =>
              relay.isUp ? 1 : 0,
            );
            return relay;
          },
        },
      ],
      exports: [Relay],
    };
  }
}
