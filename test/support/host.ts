import type { INestApplication } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { DataSource } from 'typeorm';
import { inject, type TestContext } from 'vitest';
import type { AccessKeysService } from '../../src/access/access-keys.service.js';
import type { DomainEvents } from '../../src/events/domain-events.js';
import type { EventJob } from '../../src/events/events-queue.js';

/** Which queue this run of the suite uses, and whether this machine has it. */
export const queue = process.env['HOMING_TEST_QUEUE'] === 'redis' ? 'redis' : 'postgres';
export const queueIsHere = queue === 'postgres' || inject('redisUrl') !== '';

/** How many processes a service of this run is: none of its own, or so many behind a balancer. */
export const processes = Number(process.env['HOMING_TEST_PROCESSES'] ?? 0);

/** Why a test needs the service in its own process. There are no other reasons. */
type Inside =
  | 'It stops, breaks or watches a step inside a node.'
  | 'It calls a part of a node by itself.'
  | 'It counts what each node counts for itself.'
  | 'It sets the clock or the time zone of the node, or reads its log.';

/** Whether the service runs in the process of its tests. What needs that says why, and is skipped where it does not. */
export function oneProcess(_because: Inside): boolean {
  return processes === 0;
}

/** Skips this test where the service does not run in its process. */
export function needsOneProcess({ skip }: TestContext, because: Inside): void {
  skip(processes > 0, because);
}

/** The secret that seals the tokens of every service in a test. */
export const SECRET = { id: 'test', secret: 'a secret of 32 characters or more' };

/** What a service in a test runs in: the process of the test, or processes of its own. */
export interface Host {
  readonly url: string;
  /** Whether it takes access keys. */
  readonly hasApi: boolean;
  /** What each request bears. */
  readonly headers: Record<string, string>;
  readonly dataSource: DataSource;
  readonly keys: AccessKeysService;
  readonly events: DomainEvents;
  readonly jobs: Queue<EventJob>;
  /** The Nest application. @throws Error where there is none in this process */
  readonly app: INestApplication;
  /** Its nodes, each by itself. */
  readonly nodes: readonly Host[];
  /** Starts another node of the installation. */
  startNode(environment: Record<string, string>): Promise<Host>;
  revoke(tenant: string, recipient: string): Promise<void>;
  setClock(offset: number): Promise<void>;
  stop(): Promise<void>;
  /** Stops it as SIGTERM does: its connections are drained first. */
  shutDown(): Promise<void>;
}

/** The settings of a service in a test, by the names of their environment variables. */
export function settingsOf(
  database: string,
  databaseUrl: string,
  environment: Record<string, string>,
): Record<string, string> {
  return {
    NODE_ENV: 'test',
    PORT: '0',
    HOST: '127.0.0.1',
    DRAIN_TIME: '0',
    NAMESPACE: database,
    DATABASE_URL: databaseUrl,
    ...(queue === 'redis' && { REDIS_URL: inject('redisUrl') }),
    LOG_LEVEL: 'error',
    ...environment,
  };
}

/** Sets the one clock of an installation, the database's, this many milliseconds ahead (or behind) of the real one. */
export async function setDatabaseClock(dataSource: DataSource, offset: number): Promise<void> {
  await dataSource.query(`
    CREATE OR REPLACE FUNCTION homing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT date_trunc('milliseconds', statement_timestamp() + ${Math.round(offset)} * interval '1 millisecond') $$`);
}
