// attack: slow headers, slow bodies and connections without end, all at once from one address for a minute. What that does to
// the latency of pushes to others. Reference: the same latency, in the same run, before it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { measureLatency, reportLatency, startService, watchMemory } from './support.mjs';

const QUIET_SECONDS = 30;
const SECONDS = Number(process.env.SECONDS ?? 60);
/** Of each of the three kinds. */
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 500);

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(dataDir);
try {
  const { port } = new URL(service.url);
  const { pathname, search } = new URL(await service.register('attacker'));
  const alone = await measureLatency(service, 20, () => pause(QUIET_SECONDS * 1_000));

  const counts = new SharedArrayBuffer(8);
  const peak = watchMemory(service.child.pid);
  const beside = await measureLatency(service, 20, async () => {
    const workerData = { port, target: pathname + search, key: service.key, connections: CONNECTIONS, counts };
    const attackers = new Worker(new URL('attackers.mjs', import.meta.url), { workerData });
    await pause(SECONDS * 1_000);
    await attackers.terminate();
  });
  const [opened, ended] = new Int32Array(counts);
  reportLatency(
    'attack',
    'latency of others, from the mutation to the frame',
    { alone, beside, goal: 3 },
    { mebibytes: peak(), connections: 3 * CONNECTIONS, opened, ended },
  );
} finally {
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
