import { randomBytes } from 'node:crypto';
import { readSettings } from '../../../src/config/settings.js';
import { dataSourceOptions, migrate } from '../../../src/database/data-source.js';
import { createDatabase, withDatabase } from '../database.js';

let migrated: Promise<string> | undefined;

/**
 * What PostgreSQL says of these statements on a database with our tables. They are run, and taken back. Statements with parameters
 * (`$1`) are prepared alone.
 */
export async function sqlProblem(text: string): Promise<string | null> {
  migrated ??= migratedDatabase();
  return withDatabase(await migrated, async (client) => {
    try {
      await client.query('BEGIN');
      // Documents call the role of the service so.
      const { rowCount } = await client.query(`SELECT FROM pg_roles WHERE rolname = 'homing'`);
      if (rowCount === 0) await client.query('CREATE ROLE homing LOGIN');
      await client.query(/\$\d/.test(text) ? `PREPARE snippet AS ${text}` : text);
      return null;
    } catch (error) {
      return String(error);
    } finally {
      await client.query('ROLLBACK');
    }
  });
}

async function migratedDatabase(): Promise<string> {
  const url = await createDatabase(`test_${randomBytes(6).toString('hex')}`);
  await migrate(dataSourceOptions(url, readSettings({})));
  return url;
}
