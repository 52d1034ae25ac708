import { DataSource, type DataSourceOptions } from 'typeorm';
import { AccessKey } from '../access/access-key.entity.js';
import { GlobalMessageEntity } from '../global-messages/global-message.entity.js';
import { MessageEntity } from '../messages/message.entity.js';
import { CreateSchema1764000000000 } from './migrations/1764000000000-create-schema.js';
import { MarkLives1764100000000 } from './migrations/1764100000000-mark-lives.js';
import { CreateRevocations1764200000000 } from './migrations/1764200000000-create-revocations.js';

/**
 * How TypeORM reaches the database. The service and the TypeORM command line (`ormconfig.ts`) both use it.
 * Migrations are run by `migrate`, never by `synchronize`.
 */
export function dataSourceOptions(url: string, poolSize: number): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: [AccessKey, MessageEntity, GlobalMessageEntity],
    migrations: [CreateSchema1764000000000, MarkLives1764100000000, CreateRevocations1764200000000],
    migrationsTableName: 'homing_migrations',
    synchronize: false,
    applicationName: 'homing',
    poolSize,
    extra: {
      // A connection attempt or a statement that hangs must not hang a push for ever: the caller gets an error and tries again.
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 30_000,
      keepAlive: true,
    },
  };
}

// Any fixed number does, as long as every node takes the same lock.
const MIGRATION_LOCK = 0x686f6d;

/** Brings the schema up to date. Nodes that start at the same moment wait for each other on an advisory lock. */
export async function migrate(dataSource: DataSource): Promise<number> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SET statement_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied = await dataSource.runMigrations({ transaction: 'each' });
    return applied.length;
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.query('RESET statement_timeout').catch(() => undefined);
    await runner.release();
  }
}

export { DataSource };
