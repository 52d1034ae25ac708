import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { databaseServers } from '../config/database-servers.js';
import type { SettingValues } from '../config/settings.js';
import { STORAGE_SETTINGS } from '../config/storage-settings.js';
import { AccessKey } from '../access/access-key.entity.js';
import { GlobalMessageEntity } from '../global-messages/global-message.entity.js';
import { GlobalDeliveryEntity } from '../messages/global-delivery.entity.js';
import { MessageEntity } from '../messages/message.entity.js';
import { connectionOptions } from '../postgres/connection-options.js';
import { inSchema } from '../postgres/in-schema.js';
import { endWhenSilent, STATEMENT_TIMEOUT } from '../postgres/silence.js';
import { CreateSchema1764000000000 } from './migrations/1764000000000-create-schema.js';
import { MarkLives1764100000000 } from './migrations/1764100000000-mark-lives.js';
import { PendingByTopic1764200000000 } from './migrations/1764200000000-pending-by-topic.js';
import { CreateRevocations1764300000000 } from './migrations/1764300000000-create-revocations.js';
import { CreatePresences1764400000000 } from './migrations/1764400000000-create-presences.js';
import { PagesByTopic1764500000000 } from './migrations/1764500000000-pages-by-topic.js';
import { CreateGlobalDeliveries1764600000000 } from './migrations/1764600000000-create-global-deliveries.js';
import { PagesByTime1764700000000 } from './migrations/1764700000000-pages-by-time.js';
import { CreateNodeReports1764800000000 } from './migrations/1764800000000-create-node-reports.js';
import { CreateOutbox1764900000000 } from './migrations/1764900000000-create-outbox.js';

const CONNECTION_TIMEOUT = 5_000;

/**
 * How TypeORM reaches the database. The service and the TypeORM command line (`ormconfig.ts`) both use it.
 * Migrations are run by `migrate`, never by `synchronize`.
 */
export function dataSourceOptions(
  url: string,
  { databasePoolSize, namespace }: Pick<SettingValues, 'databasePoolSize' | 'namespace'>,
): DataSourceOptions {
  const schema = namespace === STORAGE_SETTINGS.namespace.default ? undefined : namespace;
  const connection = connectionOptions(url);
  return {
    type: 'postgres',
    url: databaseServers(url)[0],
    ...(schema !== undefined && { schema }),
    entities: [AccessKey, MessageEntity, GlobalMessageEntity, GlobalDeliveryEntity],
    migrations: [
      CreateSchema1764000000000,
      MarkLives1764100000000,
      PendingByTopic1764200000000,
      CreateRevocations1764300000000,
      CreatePresences1764400000000,
      PagesByTopic1764500000000,
      CreateGlobalDeliveries1764600000000,
      PagesByTime1764700000000,
      CreateNodeReports1764800000000,
      CreateOutbox1764900000000,
    ],
    migrationsTableName: 'homing_migrations',
    synchronize: false,
    applicationName: 'homing',
    poolSize: databasePoolSize,
    extra: {
      // TypeORM knows one server alone.
      connectionString: undefined,
      ...(schema === undefined ? connection : inSchema(connection, schema)),
      // A connection attempt or a statement that hangs must not hang a push for ever: the caller gets an error and tries again.
      connectionTimeoutMillis: CONNECTION_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT,
      keepAlive: true,
      onConnect: endWhenSilent,
    },
  };
}

// Any fixed number does, as long as every node takes the same lock.
const MIGRATION_LOCK = 0x686f6d;
/** So often, in milliseconds, a node tries to take it. */
const LOCK_RETRY = 100;

/**
 * Brings the schema up to date. Nodes that start at the same moment wait for each other on an advisory lock. A migration may
 * take as long as it needs, so it has a connection without any timeout.
 */
export async function migrate(options: DataSourceOptions): Promise<void> {
  const dataSource = await new DataSource({
    ...options,
    extra: {
      ...(options.extra as object),
      statement_timeout: 0,
      idle_in_transaction_session_timeout: 0,
      onConnect: undefined,
    },
  }).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    while (!(await isLockTaken(runner))) await pause(LOCK_RETRY);
    await createSchema(dataSource);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await runner.release();
    // The lock goes with its session.
    await dataSource.destroy();
  }
}

/** Makes the schema of the tables, unless it is there: a role that may make none can be given one. */
async function createSchema(dataSource: DataSource): Promise<void> {
  const { schema } = dataSource.driver;
  const found = await dataSource.query<object[]>('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (found.length === 0) await dataSource.query(`CREATE SCHEMA "${schema}"`);
}

/**
 * Tries to take the lock. Who waited for it within a statement would hold a snapshot, and the node that has the lock waits for
 * the end of all older ones when its migration makes an index CONCURRENTLY.
 */
async function isLockTaken(runner: QueryRunner): Promise<boolean> {
  const [{ taken }] = (await runner.query('SELECT pg_try_advisory_lock($1) AS taken', [MIGRATION_LOCK])) as [
    { taken: boolean },
  ];
  return taken;
}

export { DataSource };
