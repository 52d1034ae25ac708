import { hashSecret, makeKey } from '../../src/access/key-text.js';
import { withDatabase } from './database.js';

/** All that the API offers. */
export const ALL_SCOPES = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';

/** Writes an access key into the database, as the command line does. */
export async function addKey(databaseUrl: string): Promise<{ readonly text: string; readonly secret: string }> {
  const { prefix, secret, text } = makeKey();
  await withDatabase(databaseUrl, (client) =>
    client.query(
      'INSERT INTO access_keys (prefix, hash, tenant, name, scopes, created_at) VALUES ($1, $2, $3, $4, $5, now())',
      [prefix, hashSecret(secret), 'acme', 'test', ALL_SCOPES.split(' ')],
    ),
  );
  return { text, secret };
}
