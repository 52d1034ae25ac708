// Tables that hold much.
/**
 * Fills a table of messages with `rows` of 100,000 recipients, all DELIVERED, the first `old` of them 60 days old; gives the
 * sequence number of the last old one.
 */
export async function fillMessages(pool, table, rows, old) {
  const step = 250_000;
  for (let first = 0; first < rows; first += step) {
    await pool.query(
      `INSERT INTO ${table} (tenant, recipient, message, status, created_at, delivered_at, txid)
       SELECT 'demo', 'stored-' || i % 100000, repeat('The quick brown fox. ', 5), 'DELIVERED', at, at, pg_current_xact_id()::text::bigint
       FROM (SELECT i, now() - CASE WHEN i < $3 THEN interval '60 days' ELSE interval '1 day' END AS at
         FROM generate_series($1::int, $2::int) i) i ORDER BY i`,
      [first, Math.min(first + step, rows) - 1, old],
    );
  }
  await pool.query(`VACUUM ANALYZE ${table}`);
  const {
    rows: [last],
  } = await pool.query(`SELECT max(seq)::text AS old FROM ${table} WHERE created_at < now() - interval '30 days'`);
  return last;
}

/**
 * Fills the empty tables of an installation: `rows` messages of its tenant and of three others, all DELIVERED. The recipients 'known-0',
 * 'known-1' and so on, so many as `known` says, have `each` messages; what is left went to 100,000 others. One in fifty has the topic 'news'.
 * For 20 messages there is a record that a global message reached somebody, and there are so many of these that each reached 50.
 */
export async function fillInstallation(pool, rows, known, each) {
  const step = 250_000;
  for (let first = 0; first < rows; first += step) {
    await pool.query(
      `INSERT INTO messages (tenant, recipient, topic, message, status, created_at, delivered_at, txid)
       SELECT CASE WHEN is_known OR i % 4 = 0 THEN 'demo' ELSE 'other-' || i % 4 END,
         CASE WHEN is_known THEN 'known-' || turn % $4::int ELSE 'stored-' || i % 100000 END,
         CASE WHEN i % 50 = 12 AND NOT is_known THEN 'news' END, repeat('The quick brown fox. ', 5), 'DELIVERED', at, at, pg_current_xact_id()::text::bigint
       FROM (
         SELECT i, floor(i * $3::float8)::int AS turn, floor(i * $3::float8) > floor((i - 1) * $3::float8) AS is_known, now() - interval '1 day' AS at
         FROM generate_series($1::int, $2::int) i) i
       ORDER BY i`,
      [first, Math.min(first + step, rows) - 1, (known * each) / rows, known],
    );
  }
  await fillGlobalMessages(pool, rows / 1_000, 50);
  await pool.query('VACUUM ANALYZE messages, global_messages, global_deliveries');
  // What is left to be written must not be written beside what is measured.
  await pool.query('CHECKPOINT');
}

/** Stores global messages that have expired, each of which reached so many recipients. */
async function fillGlobalMessages(pool, count, reached) {
  await pool.query(
    `WITH stored AS (
       INSERT INTO global_messages (tenant, message, created_at, deliver_until, txid)
       SELECT 'demo', 'To all', now() - interval '1 day', now() - interval '1 day', pg_current_xact_id()::text::bigint
       FROM generate_series(1, $1::int) RETURNING seq, created_at)
     INSERT INTO global_deliveries (global_seq, recipient, delivered_at)
     SELECT seq, 'reached-' || i, created_at FROM stored, generate_series(1, $2::int) i`,
    [count, reached],
  );
}
