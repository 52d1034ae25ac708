// How many jobs a second one queue takes and gives: added by eight at once, worked by one worker with the service's settings, all in
// this process; what a job costs the server; and what each further worker adds to that, which waits for jobs and is woken by each.
import { setTimeout as pause } from 'node:timers/promises';
import { createPostgresBackend, Queue, setDefaultBackendFactory, Worker } from 'bullmq';
import { JOB_OPTIONS } from '../../dist/src/events/events-queue.js';
import { atRate } from '../load.mjs';
import { beyondIdle } from '../meter.mjs';

const JOBS = 10_000;
const ADDING = 8;
const WAITING = 8;
/** As many as two busy nodes add. */
const QUIET_RATE = 40;
const QUIET_SECONDS = 15;
/** What the proofs of a few messages take. */
const DATA = {
  node: '00000000-0000-0000-0000-000000000000',
  events: Array.from({ length: 5 }, (_, i) => ({ proofs: [{ seq: i, provenAt: Date.now() }], globalProofs: [] })),
};

export async function queue({ meter, redis, url, idle }) {
  setDefaultBackendFactory(redis ? undefined : createPostgresBackend);
  const connection = redis
    ? { url: redis.url, maxRetriesPerRequest: null }
    : { connectionString: url, schema: 'bench_queue', migrate: true, max: 4 };
  const events = new Queue('bench', { connection, prefix: 'bench', defaultJobOptions: JOB_OPTIONS });
  const workers = [];
  const worked = { jobs: 0 };
  const startWorker = async () => {
    const worker = new Worker('bench', async () => void (worked.jobs += 1), {
      connection,
      prefix: 'bench',
      concurrency: 8,
    });
    workers.push(worker);
    await worker.waitUntilReady();
  };
  const add = () => events.add('proofs', DATA);
  const allWorked = async (wanted) => {
    while (worked.jobs < wanted) await pause(2);
  };
  const quiet = async () => {
    const wanted = worked.jobs + QUIET_RATE * QUIET_SECONDS;
    const used = beyondIdle(await meter.of(() => atRate(QUIET_RATE, QUIET_RATE * QUIET_SECONDS, add)), idle);
    await allWorked(wanted);
    return Object.fromEntries(Object.entries(used).map(([key, value]) => [key, value / (QUIET_RATE * QUIET_SECONDS)]));
  };

  try {
    await events.waitUntilReady();
    await startWorker();
    const before = await meter.look();
    let added = 0;
    await Promise.all(
      Array.from({ length: ADDING }, async () => {
        for (; added < JOBS; added += 1) await add();
      }),
    );
    await allWorked(added);
    const after = await meter.look();
    const jobs = added / (after.seconds - before.seconds);
    const one = await quiet();
    while (workers.length < 1 + WAITING) await startWorker();
    const many = await quiet();
    const waiting = (key) => Math.max(0, many[key] - one[key]) / WAITING;
    return {
      'queue.jobs': jobs,
      ...(redis
        ? {
            'job.redis.cpu': one['cpu.redis'],
            'job.redis.commands': one.commands,
            'job.waiting.redis.cpu': waiting('cpu.redis'),
          }
        : {
            'job.database.cpu': one['cpu.database'],
            'job.database.transactions': one.transactions,
            'job.database.wal': one.walBytes,
            'job.waiting.database.cpu': waiting('cpu.database'),
            'job.waiting.database.transactions': waiting('transactions'),
          }),
    };
  } finally {
    for (const worker of workers) await worker.close();
    await events.close();
  }
}
