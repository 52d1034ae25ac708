// partitions: retention by batches, as the service does it, beside retention by dropping partitions; and what partitions would cost
// the path of a message. 5 million rows each, half of them too old. See docs/adr/0011-retention-in-batches.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { HousekeepingRepository } from '../dist/src/delivery/housekeeping.repository.js';
import { BACKLOG, NEWS } from '../dist/src/delivery/inbox.sql.js';
import { fillMessages } from './fill.mjs';
import { median, table } from './report.mjs';
import { startService } from './service.mjs';

const ROWS = Number(process.env.ROWS ?? 5_000_000);
const PARTITIONS = 60;
const CALLS = 2_000;
const RETENTION = 30 * 86_400_000;

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(dataDir);
const pool = new pg.Pool({ connectionString: service.databaseUrl, max: 1 });
try {
  await makePartitions();
  const whole = await measure('messages', () => {
    const dataSource = { query: async (text, values) => (await pool.query(text, values)).rows };
    return new HousekeepingRepository(dataSource).removeOld(RETENTION);
  });
  const cut = await measure('messages_cut', async () => {
    for (let i = 0; i < PARTITIONS / 2; i += 1) await pool.query(`DROP TABLE messages_cut_${i}`);
  });
  table('partitions: milliseconds of a statement for one recipient, and what it takes to remove the old half', [
    { table: 'one piece, batches', ...whole },
    { table: `${PARTITIONS} partitions, dropped`, ...cut },
  ]);
} finally {
  await pool.end();
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** The table `messages` in pieces by `seq`, with the same indexes but the unique one, which can't be had without the key of the pieces. */
async function makePartitions() {
  const { rows } = await pool.query(
    "SELECT indexdef FROM pg_indexes WHERE tablename = 'messages' AND indexname <> 'messages_pkey'",
  );
  await pool.query(`
    CREATE SEQUENCE messages_cut_seq;
    CREATE TABLE messages_cut (LIKE messages INCLUDING DEFAULTS) PARTITION BY RANGE (seq);
    ALTER TABLE messages_cut ALTER seq SET DEFAULT nextval('messages_cut_seq');
    ALTER TABLE messages_cut ADD PRIMARY KEY (seq)`);
  for (const { indexdef } of rows)
    await pool.query(indexdef.replace(/(UNIQUE )?INDEX (\w+) ON \S+messages /, 'INDEX cut_$2 ON messages_cut '));
  const size = ROWS / PARTITIONS;
  for (let i = 0; i < PARTITIONS; i += 1) {
    const to = i === PARTITIONS - 1 ? 'MAXVALUE' : Math.round((i + 1) * size) + 1;
    const from = i === 0 ? 'MINVALUE' : Math.round(i * size) + 1;
    await pool.query(`CREATE TABLE messages_cut_${i} PARTITION OF messages_cut FOR VALUES FROM (${from}) TO (${to})`);
  }
}

async function measure(name, remove) {
  await fillMessages(pool, name, ROWS, ROWS / 2);
  const { rows } = await pool.query(
    'SELECT s, pg_snapshot_xmin(s::pg_snapshot)::text AS xmin FROM (SELECT pg_current_snapshot()::text AS s) s',
  );
  const [{ s, xmin }] = rows;
  const times = (text, values) => medianTime(text.replaceAll(/\bmessages\b/g, name), values);
  const one = (recipient) => [['demo'], [recipient], [0], [null], [false]];
  const backlog = await times(BACKLOG.text, (recipient) => [...one(recipient), [null], [null], [null], [null]]);
  const news = await times(NEWS.text, (recipient) => [...one(recipient), [s], [xmin]]);
  const store = await times(
    `INSERT INTO ${name} (tenant, recipient, message, created_at, txid) VALUES ('demo', $1, 'The quick brown fox', now(), pg_current_xact_id()::text::bigint)`,
    (recipient) => [recipient],
  );
  const size = (await pool.query('SELECT pg_current_wal_lsn() AS lsn')).rows[0].lsn;
  const start = performance.now();
  await remove();
  const seconds = (performance.now() - start) / 1_000;
  const wal = await pool.query('SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1)::float8 / 1048576 AS mib', [size]);
  return { backlog, news, store, removedIn: `${seconds.toFixed(2)} s`, wal: `${Math.round(wal.rows[0].mib)} MiB` };
}

/** The median time of a prepared statement, in milliseconds. */
async function medianTime(text, values) {
  const times = [];
  for (let i = 0; i < CALLS; i += 1) {
    const start = performance.now();
    await pool.query({ name: text.length + text.slice(0, 40), text, values: values(`stored-${(i * 7919) % 100_000}`) });
    times.push(performance.now() - start);
  }
  return median(times);
}
