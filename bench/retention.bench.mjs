// retention: 5 million messages are stored and every second one of them is too old; the job "retain" removes those. What that does to
// the latency of pushes. Reference: the same latency, in the same run, before it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPostgresBackend, Queue, setDefaultBackendFactory } from 'bullmq';
import pg from 'pg';
import { fillMessages } from './fill.mjs';
import { measureLatency, reportLatency } from './latency.mjs';
import { startService } from './service.mjs';

const ROWS = Number(process.env.ROWS ?? 5_000_000);
const OLD = ROWS / 2;
const QUIET_SECONDS = 20;
const RATE = 50;

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(dataDir);
const pool = new pg.Pool({ connectionString: service.databaseUrl, max: 2 });
setDefaultBackendFactory(createPostgresBackend);
const queue = new Queue('events', { connection: { connectionString: service.databaseUrl, schema: 'homing_queue' } });
try {
  const last = await fillMessages(pool, 'messages', ROWS, OLD);

  const alone = await measureLatency(service, RATE, () => pause(QUIET_SECONDS * 1_000));
  const start = performance.now();
  let seconds;
  const beside = await measureLatency(service, RATE, async () => {
    await queue.add('retain', {});
    while (await isStored(last.old)) await pause(100);
    seconds = (performance.now() - start) / 1_000;
  });
  const { rows } = await pool.query('SELECT count(*)::int FROM messages WHERE recipient LIKE $1', ['stored-%']);
  if (rows[0].count !== ROWS - OLD) throw new Error(`${rows[0].count} of ${ROWS - OLD} young messages are left`);

  reportLatency(
    'retention',
    `latency of pushes while ${OLD} of ${ROWS} messages are removed`,
    { alone, beside, goal: 2 },
    { removed: OLD, seconds, perSecond: OLD / seconds },
  );
} finally {
  await queue.close();
  await pool.end();
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function isStored(seq) {
  const { rows } = await pool.query('SELECT EXISTS (SELECT FROM messages WHERE seq = $1) AS stored', [seq]);
  return rows[0].stored;
}
