// stalled: 1,000 consumers that never read, while messages of 64 KiB are pushed to them. What they cost the service in memory,
// and what that does to the latency of others. Reference: the same latency, in the same run, before those messages.
import { request } from 'node:http';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { measureLatency, reportLatency } from './latency.mjs';
import { startService } from './service.mjs';
import { watchMemory } from './usage.mjs';

const CONSUMERS = 1_000;
const MESSAGES = 16;
const TEXT = 'The quick brown fox jumps over the lazy dog. '.repeat(1_457).slice(0, 65_536);
const QUIET_SECONDS = 15;
/** Recipients of a mutation, and messages a second. */
const AT_ONCE = Number(process.env.AT_ONCE ?? 10);
const RATE = Number(process.env.RATE ?? 500);
/** Twice the time between pings, and some more: by then every consumer is cut off. */
const PATIENCE = 90_000;

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(dataDir);
const pool = new pg.Pool({ connectionString: service.databaseUrl, max: 2 });
try {
  const names = Array.from({ length: CONSUMERS }, (_, i) => `stalled-${i}`);
  const consumers = [];
  for (const name of names) consumers.push(await connectAndStall(await service.register(name)));
  const alone = await measureLatency(service, 20, () => pause(QUIET_SECONDS * 1_000));

  const open = openSockets();
  const peak = watchMemory(service.child.pid);
  const start = performance.now();
  const beside = await measureLatency(service, 20, async () => {
    for (let i = 0; i < MESSAGES; i += 1)
      for (let first = 0; first < CONSUMERS; first += AT_ONCE) {
        await Promise.all([service.push(names.slice(first, first + AT_ONCE), TEXT), pause((1_000 * AT_ONCE) / RATE)]);
      }
    while (openSockets() > open - 0.9 * CONSUMERS && performance.now() - start < PATIENCE) await pause(100);
  });
  const mebibytes = peak();
  const cutOff = await countClosed(consumers);
  const {
    rows: [{ count }],
  } = await pool.query("SELECT count(*)::int FROM messages WHERE octet_length(message) = 65536 AND status = 'PENDING'");

  reportLatency(
    'stalled',
    'latency of others, from the mutation to the frame',
    { alone, beside, goal: 3 },
    { mebibytes, memoryGoal: 300, consumers: CONSUMERS, cutOff, pending: count },
  );
} finally {
  await pool.end();
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** How many of the consumers find, once they read again, that they were cut off. */
async function countClosed(consumers) {
  let closed = 0;
  for (const consumer of consumers) consumer.once('close', () => (closed += 1)).resume();
  for (let before = -1; before !== closed;) {
    before = closed;
    await pause(2_000);
  }
  for (const consumer of consumers) consumer.destroy();
  return closed;
}

/** Completes the handshake and never reads again. */
function connectAndStall(uri) {
  const { href } = new URL(uri.replace(/^ws/, 'http'));
  return new Promise((resolve, reject) => {
    const upgrade = request(href, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    });
    upgrade.once('upgrade', (_response, socket) => {
      socket.on('error', () => undefined);
      socket.pause();
      resolve(socket);
    });
    upgrade.once('error', reject).end();
  });
}

/** Sockets that the service's process has open. */
function openSockets() {
  const folder = `/proc/${service.child.pid}/fd`;
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(join(folder, name)).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}
