import { Client } from 'pg';
import { inject } from 'vitest';

/** Does something with a connection to a database. */
export async function withDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes a database of that name, unless there is one, on the test's server; gives its URL. */
export async function createDatabase(name: string, server = inject('databaseUrl')): Promise<string> {
  await withDatabase(server, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
