import type { Client } from 'pg';

export const MESSAGES = 1_000_000;
const GLOBAL_MESSAGES = 10_000;

/** The ids of two global messages: one that reached 50,000 recipients, and one that reached the recipient "listener" alone. */
export const [LARGE_GLOBAL_MESSAGE, SMALL_GLOBAL_MESSAGE] = [globalId(0), globalId(4_000)];

// They are numbered from 0 on and spread over the last 40 days. Half of them have a topic, the common one or one of many, and some expire
// a day later. What is in a subquery with OFFSET is reckoned once.
const numbered = (count: number) => `
  (SELECT i, lpad(to_hex(i), 32, '0')::uuid AS id, at, CASE WHEN i % 6 = 1 THEN at + interval '1 day' END AS expires_at,
    CASE WHEN i % 4 = 0 THEN 'common' WHEN i % 4 = 2 THEN 'rare-' || i % 997 END AS topic
  FROM (SELECT i, to_timestamp(floor(extract(epoch FROM now())) - 3456000 + i * (3456000.0::float8 / ${count})) AS at
    FROM generate_series(0, ${count} - 1) i OFFSET 0) n OFFSET 0) n`;

const FILL_GLOBAL_MESSAGES = `
  INSERT INTO global_messages (id, tenant, topic, message, expires_at, created_at, deliver_until, txid)
  SELECT id, CASE WHEN i % 5 = 4 THEN 'other' ELSE 'acme' END, topic, 'text', expires_at, at,
    coalesce(expires_at, at + interval '1 minute'), 0
  FROM ${numbered(GLOBAL_MESSAGES)}`;

// One in twenty went to the recipient "busiest", few to the recipient "listener". One in a hundred is PENDING.
const FILL_MESSAGES = `
  INSERT INTO messages (id, tenant, recipient, topic, message, status, expires_at, created_at, delivered_at, cancelled_at, txid)
  SELECT
    id, CASE WHEN i % 10 < 7 THEN 'acme' WHEN i % 10 < 9 THEN 'other' ELSE 'small-' || i / 10 % 50 END,
    CASE WHEN i % 20011 = 0 THEN 'listener' WHEN i % 20 = 1 THEN 'busiest' ELSE 'recipient-' || i % 9973 END, topic, 'text',
    (CASE WHEN i % 100 = 1 THEN 'PENDING' WHEN i % 300 = 7 THEN 'CANCELLED' ELSE 'DELIVERED' END)::message_status,
    expires_at, at, CASE WHEN i % 100 <> 1 AND i % 300 <> 7 THEN at END, CASE WHEN i % 300 = 7 THEN expires_at END, 0
  FROM ${numbered(MESSAGES)}`;

// One global message reached 50,000 recipients, and every one of the tenant reached the recipient "listener".
const FILL_DELIVERIES = `
  INSERT INTO global_deliveries (global_seq, recipient, delivered_at)
  SELECT seq, recipient, created_at
  FROM (
    SELECT g.*, 'reader-' || i AS recipient FROM global_messages g, generate_series(1, 50000) i WHERE id = '${LARGE_GLOBAL_MESSAGE}'
    UNION ALL
    SELECT *, 'listener' FROM global_messages WHERE tenant = 'acme') reached`;

/** Fills the empty tables of an installation: a million messages and 10,000 global ones, of several tenants. */
export async function fillTables(client: Client): Promise<void> {
  // Indexes are made faster than they are kept up, and nothing must outlive a crash.
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE tablename = 'messages' AND indexname <> 'messages_pkey'`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  await client.query('ALTER TABLE messages SET UNLOGGED');
  await client.query(FILL_GLOBAL_MESSAGES);
  await client.query(FILL_MESSAGES);
  await client.query(FILL_DELIVERIES);
  await client.query(`SET maintenance_work_mem = '128MB'`);
  for (const { definition } of indexes) await client.query(definition);
  await client.query('ANALYZE messages, global_messages, global_deliveries');
}

function globalId(i: number): string {
  return i.toString(16).padStart(32, '0');
}
