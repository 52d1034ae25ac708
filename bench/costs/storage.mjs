// What a message costs on disk: its row and its indexes, and the WAL of storing it and of recording its proof. After a
// checkpoint each page that is changed for the first time goes into the WAL whole; how much that is decides how far apart the
// recipients are, so it is measured where it costs most: each message goes to another of a million.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../dist/src/database/data-source.js';
import { ProofsRepository } from '../../dist/src/delivery/proofs.repository.js';
import { HandledEvents } from '../../dist/src/events/handled-events.js';
import { Metrics } from '../../dist/src/metrics/metrics.js';
import { MessageWriter } from '../../dist/src/messages/message-writer.js';
import { TEXT } from './messages.mjs';

const FAR_APART = 1_000_000;
const MESSAGES = 5_000;
/** Messages of a statement. */
const BATCH = 50;

export async function storage(url) {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const dataSource = await new DataSource(
    dataSourceOptions(url, { databasePoolSize: 2, namespace: 'homing' }),
  ).initialize();
  const nobody = new HandledEvents();
  const writer = new MessageWriter(dataSource, nobody);
  const proofs = new ProofsRepository(dataSource, new Metrics(), nobody);
  const number = async (text, values) => (await pool.query(text, values)).rows[0].n;
  const size = () => number("SELECT pg_total_relation_size('messages')::float8 AS n");
  const position = () => number("SELECT (pg_current_wal_insert_lsn() - '0/0')::float8 AS n");
  const walOf = async (work) => {
    await pool.query('CHECKPOINT');
    const before = await position();
    await work();
    return ((await position()) - before) / MESSAGES;
  };

  /** A round of messages to recipients that are far from each other. */
  const store = async (round) => {
    for (let i = 0; i < MESSAGES; i += BATCH)
      await Promise.all(
        Array.from({ length: BATCH }, (_, j) =>
          writer.store({
            tenant: 'demo',
            ids: [randomUUID()],
            recipients: [`far-${((i + j) * 7_919 + round) % FAR_APART}`],
            message: TEXT,
            topic: null,
            expiresAt: null,
          }),
        ),
      );
  };
  const record = async () => {
    const { rows } = await pool.query("SELECT seq::float8 AS seq FROM messages WHERE status = 'PENDING' ORDER BY seq");
    for (let i = 0; i < rows.length; i += BATCH)
      await proofs.record(rows.slice(i, i + BATCH).map(({ seq }) => ({ seq, provenAt: Date.now() })));
  };
  const recordGlobal = async (seq) => {
    for (let i = 0; i < MESSAGES; i += BATCH)
      await proofs.recordGlobal([
        {
          seq,
          recipients: Array.from({ length: BATCH }, (_, j) => `far-${((i + j) * 7_919) % FAR_APART}`),
          provenAt: Array.from({ length: BATCH }, () => Date.now()),
        },
      ]);
  };
  const pushGlobal = async () => {
    const { rows } = await pool.query(
      `INSERT INTO global_messages (tenant, message, created_at, deliver_until, txid)
       VALUES ('demo', $1, now(), now() + interval '1 minute', pg_current_xact_id()::text::bigint) RETURNING seq::float8`,
      [TEXT],
    );
    return rows[0].seq;
  };

  try {
    await pool.query('TRUNCATE messages');
    await pool.query(
      `INSERT INTO messages (tenant, recipient, message, status, created_at, delivered_at, txid)
       SELECT 'demo', 'far-' || (i * 7919) % $1::int, $2, 'DELIVERED', now(), now(), pg_current_xact_id()::text::bigint
       FROM generate_series(1::bigint, $1::int) i`,
      [FAR_APART, TEXT],
    );
    await pool.query('VACUUM FULL ANALYZE messages');
    const bytes = (await size()) / FAR_APART;
    const measured = {};
    for (const [when, pages] of Object.entries({ warm: 'off', cold: 'on' })) {
      await pool.query(`ALTER SYSTEM SET full_page_writes = ${pages}`);
      await pool.query('SELECT pg_reload_conf()');
      measured[`store.wal.${when}`] = await walOf(() => store(when === 'warm' ? 1 : 2));
      measured[`record.wal.${when}`] = await walOf(record);
      const seq = await pushGlobal();
      measured[`recordGlobal.wal.${when}`] = await walOf(() => recordGlobal(seq));
    }
    return { 'message.database.bytes': bytes - Buffer.byteLength(TEXT), ...measured };
  } finally {
    await dataSource.destroy();
    await pool.end();
  }
}
