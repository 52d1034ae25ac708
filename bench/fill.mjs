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
