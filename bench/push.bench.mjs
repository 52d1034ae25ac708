// push: `pushMessage` to one connected recipient each, 16 backends at once, until DELIVERED is stored.
// Reference, in the same run and in turn with it: bare single-row INSERTs from 16 connections into the same database.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { report } from './report.mjs';
import { startService } from './service.mjs';

const BACKENDS = 16;
const ROUNDS = 3;
const SECONDS = Number(process.env.SECONDS ?? 6);
const TEXT = 'The quick brown fox jumps over the lazy dog';

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(dataDir);
const pool = new pg.Pool({ connectionString: service.databaseUrl, max: BACKENDS });
try {
  await pool.query(
    'CREATE TABLE bench_reference (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipient text NOT NULL, message text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())',
  );
  const recipients = Array.from({ length: BACKENDS }, (_, i) => `recipient-${i}`);
  const received = await Promise.all(recipients.map((recipient) => service.listen(recipient)));
  await inserts(1);
  await pushes(recipients, 5);

  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = received.map((count) => count());
    const reference = await inserts(SECONDS);
    const ours = await pushes(recipients, SECONDS);
    const arrived = received.reduce((sum, count, i) => sum + count() - before[i], 0);
    rounds.push({
      reference: reference.rate,
      ours: ours.rate,
      ratio: ours.rate / reference.rate,
      pushed: ours.count,
      arrived,
    });
  }
  report('push', 'mutations a second until DELIVERED is stored, beside bare INSERTs a second', rounds, {
    ratio: { least: 0.35 },
  });
} finally {
  await pool.end();
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Rows inserted a second, one statement each. */
async function inserts(seconds) {
  return loop(seconds, (i) =>
    pool.query({
      name: 'reference',
      text: 'INSERT INTO bench_reference (recipient, message) VALUES ($1, $2)',
      values: [`recipient-${i}`, TEXT],
    }),
  );
}

/** Mutations a second; the clock stops when the last of them is DELIVERED in the database. */
async function pushes(recipients, seconds) {
  return loop(
    seconds,
    (i) => service.push(recipients[i], TEXT),
    () => service.settled(pool),
  );
}

async function loop(seconds, work, finish = async () => undefined) {
  let count = 0;
  const start = performance.now();
  const end = start + seconds * 1_000;
  await Promise.all(
    Array.from({ length: BACKENDS }, async (_, i) => {
      while (performance.now() < end) {
        await work(i);
        count += 1;
      }
    }),
  );
  await finish();
  return { count, rate: count / ((performance.now() - start) / 1_000) };
}
