import { Client } from 'pg';
import { inject } from 'vitest';

/** Makes a database of that name, unless there is one, on the test's server; gives its URL. */
export async function createDatabase(name: string, server = inject('databaseUrl')): Promise<string> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
