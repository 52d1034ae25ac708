// backlog: a recipient connects to 10,000 pending messages. How fast they come, in which order, and what that costs the
// service's process in memory. Reference, in turn with it: a bare `ws` server that sends the same texts from memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket, WebSocketServer } from 'ws';
import { median, report, table } from './report.mjs';
import { startService } from './service.mjs';
import { watchMemory } from './usage.mjs';

const MESSAGES = 10_000;
const ROUNDS = 3;
const TEXTS = Array.from({ length: MESSAGES }, (_, i) => `${i}: The quick brown fox jumps over the lazy dog`);

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(dataDir);
const bare = await bareServer(TEXTS);
try {
  const rounds = [];
  const memory = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const reference = await receiveAll(bare.url);
    const recipient = `recipient-${round}`;
    for (const text of TEXTS) await service.push(recipient, text);
    const uri = await service.register(recipient);
    const peak = watchMemory(service.child.pid);
    const ours = await receiveAll(uri);
    memory.push(peak());
    rounds.push({ reference, ours, ratio: ours / reference });
  }
  report('backlog', `messages a second, of ${MESSAGES} that wait for a recipient who connects`, rounds, {
    ratio: { least: 0.3 },
  });
  table('backlog: memory of the service beyond what it had before, MiB (goal: less than 50)', [
    Object.fromEntries(memory.map((mebibytes, i) => [`round ${i}`, mebibytes.toFixed(1)])),
  ]);
  process.stdout.write(
    `${JSON.stringify({ row: 'backlog-memory', mebibytes: Number(median(memory).toFixed(1)), goal: 50 })}\n`,
  );
} finally {
  bare.stop();
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Connects and receives everything; gives messages a second. Throws when they come out of order. */
async function receiveAll(uri) {
  const start = performance.now();
  const socket = new WebSocket(uri);
  let next = 0;
  await new Promise((resolve, reject) => {
    socket.on('message', (data) => {
      const text = Buffer.from(data).toString();
      if (text !== TEXTS[next]) reject(new Error(`Message ${next} is out of order: ${text}`));
      next += 1;
      if (next === MESSAGES) resolve();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`The connection was closed after ${next} messages`)));
  });
  const seconds = (performance.now() - start) / 1_000;
  socket.terminate();
  return MESSAGES / seconds;
}

/** A `ws` server that sends the texts to everybody who connects, and does nothing else. */
async function bareServer(texts) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => texts.forEach((text) => socket.send(text)));
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `ws://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}
