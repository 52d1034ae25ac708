// A service of a row's own, and how it is cleared away.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../dist/src/database/embedded/free-port.js';
import { startRedis } from './redis-server.mjs';
import { startService } from './service.mjs';

/**
 * Does `work` with a service of its own on an empty database, and clears all away. `REDIS=1` gives it Redis for its queue and signals.
 * `PROFILE=folder` writes a profile of its process there, for `bench/flame.mjs`.
 * @param work gets `{ service, pool, redis, dataDir }`; `redis` is null without it
 * @param nodeArguments for the process of the service
 */
export async function withInstallation(work, settings = {}, nodeArguments = []) {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
  const redis = process.env.REDIS === '1' ? await startRedis(await freePort()) : null;
  const profiler = process.env.PROFILE
    ? ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${process.env.PROFILE}`]
    : [];
  const service = await startService(dataDir, { ...(redis && { REDIS_URL: redis.url }), ...settings }, [
    ...profiler,
    ...nodeArguments,
  ]);
  const pool = new pg.Pool({ connectionString: service.databaseUrl, max: 16 });
  try {
    await work({ service, pool, redis, dataDir });
  } finally {
    await pool.end();
    await service.stop();
    redis?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
