import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource, dataSourceOptions } from '../../src/database/data-source.js';
import { CreateGlobalDeliveries1764600000000 } from '../../src/database/migrations/1764600000000-create-global-deliveries.js';
import { createDatabase } from '../support/database.js';

const ROWS = `
  INSERT INTO global_messages (seq, id, tenant, topic, message, expires_at, created_at, deliver_until, txid) VALUES
    (10, '00000000-0000-4000-8000-00000000000a', 'acme', 'News', 'to all', '2099-01-01Z', '2026-01-01Z', '2099-01-01Z', 7),
    (20, '00000000-0000-4000-8000-000000000014', 'other', NULL, 'theirs', NULL, '2026-01-02Z', '2026-01-02 00:01Z', 8);
  INSERT INTO messages (seq, tenant, recipient, topic, message, status, expires_at, created_at, delivered_at, global_message_id, txid) VALUES
    (1, 'acme', 'anna', 'News', 'to one', 'PENDING', NULL, '2025-12-31Z', NULL, NULL, 6),
    (11, 'acme', 'anna', 'News', NULL, 'DELIVERED', '2099-01-01Z', '2026-01-01Z', '2026-01-01 00:01Z', '00000000-0000-4000-8000-00000000000a', 7),
    (12, 'acme', 'Anna', 'News', NULL, 'DELIVERED', '2099-01-01Z', '2026-01-01Z', '2026-01-01 00:02Z', '00000000-0000-4000-8000-00000000000a', 7),
    (21, 'other', 'anna', NULL, NULL, 'DELIVERED', NULL, '2026-01-02Z', '2026-01-02 00:01Z', '00000000-0000-4000-8000-000000000014', 8);
  SELECT setval('homing_seq', 30)`;

/** All but its id, which is random. */
const MESSAGES = `SELECT to_jsonb(m) - 'id' AS row FROM messages m ORDER BY seq`;
const DELIVERIES = 'SELECT global_seq::int, recipient, seq::int, delivered_at FROM global_deliveries ORDER BY seq';
const INDEXES = `
  SELECT regexp_replace(indexdef, 'USING btree ', '') AS index FROM pg_indexes WHERE tablename ~ 'messages|deliveries' ORDER BY 1`;

describe('the migration that gives deliveries of global messages a table', () => {
  let dataSource: DataSource;
  beforeAll(async () => {
    const url = await createDatabase(`test_${randomBytes(6).toString('hex')}`);
    const options = dataSourceOptions(url, { databasePoolSize: 1, namespace: 'homing' });
    const migrations = options.migrations as unknown[];
    const last = migrations.indexOf(CreateGlobalDeliveries1764600000000);
    const upTo = (end: number) => new DataSource({ ...options, migrations: migrations.slice(0, end) as never });
    const before = await upTo(last).initialize();
    await before.runMigrations();
    await before.query(ROWS);
    await before.destroy();
    dataSource = await upTo(last + 1).initialize();
  });
  afterAll(async () => dataSource.destroy());

  it('moves them there and back, and nothing else', async () => {
    const read = async () => [await dataSource.query(MESSAGES), await dataSource.query(INDEXES)];
    const old = await read();
    expect(old[0]).toHaveLength(4);

    await dataSource.runMigrations();
    const deliveries = await dataSource.query(DELIVERIES);
    expect(deliveries).toEqual([
      { global_seq: 10, recipient: 'anna', seq: 11, delivered_at: new Date('2026-01-01T00:01Z') },
      { global_seq: 10, recipient: 'Anna', seq: 12, delivered_at: new Date('2026-01-01T00:02Z') },
      { global_seq: 20, recipient: 'anna', seq: 21, delivered_at: new Date('2026-01-02T00:01Z') },
    ]);
    expect(await dataSource.query('SELECT seq::int, message, status FROM messages')).toEqual([
      { seq: 1, message: 'to one', status: 'PENDING' },
    ]);

    await dataSource.undoLastMigration();
    expect(await read()).toEqual(old);
    await dataSource.runMigrations();
    expect(await dataSource.query(DELIVERIES)).toEqual(deliveries);
  });

  it('lets a recipient have a global message once, and numbers new records on', async () => {
    const insert = `INSERT INTO global_deliveries (global_seq, recipient, delivered_at) VALUES (10, $1, now()) RETURNING seq::int`;
    await expect(dataSource.query(insert, ['anna'])).rejects.toMatchObject({ constraint: 'global_deliveries_pkey' });
    const [{ seq }] = await dataSource.query(insert, ['bert']);
    expect(seq).toBeGreaterThan(30);
  });
});
