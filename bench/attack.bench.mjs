// attack: one address opens connections as fast as it can for a minute, and sends a head or a body a byte at a time, the
// upgrade of a WebSocket, or nothing. What that does to the latency of others. Reference: the same latency, in the same run, before.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { measureLatency, reportLatency } from './latency.mjs';
import { startService } from './service.mjs';
import { watchMemory } from './usage.mjs';

const QUIET_SECONDS = 15;
const SECONDS = Number(process.env.SECONDS ?? 60);
/** Sockets that the attacker holds, and those that the service lets it hold. */
const SOCKETS = 2_000;
const ALLOWED = 1_000;

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(dataDir, { MAX_CONNECTIONS_PER_ADDRESS: String(ALLOWED) });
try {
  const uri = await service.register('attacker');
  const alone = await measureLatency(service, 20, () => pause(QUIET_SECONDS * 1_000));
  const peak = watchMemory(service.child.pid);
  let opened = 0;
  const beside = await measureLatency(service, 20, async () => {
    const attacker = fork('bench/attacker.mjs', [service.url, SOCKETS, SECONDS, service.key, uri].map(String));
    [opened] = await once(attacker, 'message');
  });
  reportLatency(
    'attack',
    'latency of others, from the mutation to the frame',
    { alone, beside, goal: 3 },
    { mebibytes: peak(), sockets: SOCKETS, allowed: ALLOWED, opened },
  );
} finally {
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
