// start: from `npm start` until `/health/ready` answers 200, on a data folder with 100,000 messages and the embedded database: after
// a stop in order, and after 10,000 messages more and a `kill -9` of service and database at once, whose log is then replayed. The start
// includes npm and its look for sources that are newer than the build. Files are still in the memory of the machine; after its
// own start they are not.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { fillMessages } from './fill.mjs';
import { startRedis } from './redis-server.mjs';
import { measureRounds, report } from './report.mjs';
import { databaseUrl, startService } from './service.mjs';

const ROWS = Number(process.env.ROWS ?? 100_000);
const ROWS_BEFORE_KILL = ROWS / 10;
const MOST_SECONDS = 3;

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const redis = process.env.REDIS === '1' ? await startRedis(6_399) : null;
const environment = { DATA_DIR: dataDir, ...(redis && { REDIS_URL: redis.url }) };
try {
  const first = await startService(dataDir, environment);
  await fill(ROWS);
  await first.stop();
  const rounds = await measureRounds(async () => {
    const stopped = await start();
    await fill(ROWS_BEFORE_KILL);
    await stopped.end('SIGKILL');
    const killed = await start();
    await killed.end('SIGTERM');
    return { 'after a stop': stopped.seconds, 'after kill -9': killed.seconds };
  });
  report('start', `seconds from npm start until ready, with ${ROWS} messages`, rounds, {
    'after a stop': { most: MOST_SECONDS },
    'after kill -9': { most: MOST_SECONDS },
  });
} finally {
  redis?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function fill(rows) {
  const pool = new pg.Pool({ connectionString: databaseUrl(dataDir), max: 1 });
  await fillMessages(pool, 'messages', rows, 0);
  await pool.end();
}

/** Starts it as a user does; gives the seconds until it was ready, and how it is ended. */
async function start() {
  const began = performance.now();
  const npm = spawn('npm', ['start'], {
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', DRAIN_TIME: '0', ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exit = once(npm, 'exit');
  const url = await Promise.race([
    listening(npm),
    exit.then(([code]) => Promise.reject(new Error(`npm start ended with ${code}`))),
  ]);
  npm.stdout.resume();
  while (!(await isReady(url))) await pause(5);
  const seconds = (performance.now() - began) / 1_000;
  return {
    seconds,
    end: async (signal) => {
      const database = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
      const service = parentOf(database);
      if (signal === 'SIGKILL') process.kill(database, signal);
      process.kill(service, signal);
      await exit;
    },
  };
}

async function listening(npm) {
  let said = '';
  for await (const chunk of npm.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += chunk;
    const url = /listening on (\S+)/.exec(said)?.[1];
    if (url) return url;
  }
  throw new Error(`npm start ended: ${said}`);
}

async function isReady(url) {
  return (await fetch(`${url}/health/ready`)).status === 200;
}

function parentOf(pid) {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}
