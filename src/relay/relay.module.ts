import { type DynamicModule, Global, Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Settings } from '../config/config.module.js';
import { NodeId } from '../config/node-id.js';
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
          inject: [Settings, NodeId, getDataSourceToken()],
          useFactory: ({ redisUrl, namespace }: Settings, node: NodeId, dataSource: DataSource): Relay => {
            const channel = `${namespace}_signals`;
            return redisUrl === null
              ? new PostgresRelay(dataSource, databaseUrl, channel, node.text)
              : new RedisRelay(redisUrl, channel);
          },
        },
      ],
      exports: [Relay],
    };
  }
}
