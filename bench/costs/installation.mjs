// An installation of three nodes, one for each role, so that each role's share can be told: what is pushed to the API goes by
// the queue, the worker and the relay to the gateway, as it does between many nodes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLLECTING, memoryInUse } from '../garbage.mjs';
import { beyondIdle, Meter } from '../meter.mjs';
import { startRedis } from '../redis-server.mjs';
import { fillMessages } from '../fill.mjs';
import { connect, startNode, startService } from '../service.mjs';

const REDIS_PORT = 16_397;

/** Starts it, on a table of a million messages. */
export async function startInstallation(backEnd) {
  const redis = backEnd === 'redis' ? await startRedis(REDIS_PORT) : null;
  const settings = {
    TOKEN_SECRETS: 'bench:a secret of 32 characters or more',
    ...(redis && { REDIS_URL: redis.url }),
  };
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
  const api = await startService(dataDir, { ...settings, ROLES: 'api' });
  const worker = await startNode(api, { ...settings, ROLES: 'worker' });
  const gateway = await startNode(api, { ...settings, ROLES: 'gateway' }, COLLECTING);
  const meter = new Meter(api, { api, gateway, worker }, redis);
  // What is counted then depends neither on when the last checkpoint was, nor on when autovacuum comes by.
  await meter.pool.query('ALTER SYSTEM SET full_page_writes = off');
  await meter.pool.query('ALTER SYSTEM SET autovacuum = off');
  await meter.pool.query('SELECT pg_reload_conf()');
  await fillMessages(meter.pool, 'messages', 1_000_000, 0);
  let idle = {};
  return {
    redis,
    meter,
    url: api.databaseUrl,
    push: api.push,
    graphql: api.graphql,
    register: api.register,
    /** Connects to the gateway by a URI that the API gave. */
    connect: (uri) => connect(`${gateway.url.replace('http', 'ws')}/${new URL(uri).search}`),
    get idle() {
      return idle;
    },
    /** Takes what is used from now on for what is used anyway. */
    rest: async (seconds) => (idle = await meter.idle(seconds)),
    /** What `work` used, until proofs have been recorded by both roads, and without what is used anyway. */
    costOf: async (work, rest = 22) => beyondIdle(await meter.of(work, rest), idle),
    /** What the gateway has in use, in bytes. */
    memory: () => memoryInUse(gateway.child.pid),
    stop: async () => {
      await meter.stop();
      for (const node of [gateway, worker, api]) await node.stop();
      redis?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
