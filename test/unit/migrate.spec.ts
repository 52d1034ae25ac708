import { randomBytes } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { expect, it } from 'vitest';
import { DataSource, dataSourceOptions, migrate } from '../../src/database/data-source.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

/** Who has asked for the lock under which migrations run. */
const ASKED = `
  SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'homing' AND query LIKE '%advisory_lock%'
    AND pid <> pg_backend_pid()`;

it('a migration can make an index CONCURRENTLY while another node that starts waits for it', async () => {
  const database = `test_${randomBytes(6).toString('hex')}`;
  const others: Promise<void>[] = [];
  class MakeIndex1999000000000 implements MigrationInterface {
    readonly transaction = false;

    async up(runner: QueryRunner): Promise<void> {
      others.push(migrate(options));
      await eventually(async () => {
        expect(await runner.query(ASKED)).toHaveLength(2);
      });
      await runner.query('CREATE TABLE indexed (value int)');
      await runner.query('CREATE INDEX CONCURRENTLY indexed_value ON indexed (value)');
    }

    async down(): Promise<void> {}
  }
  const options = {
    ...dataSourceOptions(await createDatabase(database), { databasePoolSize: 2, namespace: 'homing' }),
    migrations: [MakeIndex1999000000000],
  };
  await migrate(options);
  await Promise.all(others);
  expect(others).toHaveLength(1);
  const dataSource = await new DataSource(options).initialize();
  expect(
    await dataSource.query('SELECT indisvalid FROM pg_index WHERE indexrelid = $1::regclass', ['indexed_value']),
  ).toEqual([{ indisvalid: true }]);
  await dataSource.destroy();
});
