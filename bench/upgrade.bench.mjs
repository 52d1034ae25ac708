// upgrade: recipients connect, 16 at a time, and leave again; how many handshakes a second. Reference, in turn with it: the
// same with Socket.IO, whose handshake is an upgrade and a packet each way. And how long the reading of a token takes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { TokenSecrets } from '../dist/src/config/config.module.js';
import { RecipientTokens } from '../dist/src/recipients/recipient-token.js';
import { median, report } from './report.mjs';
import { startService } from './service.mjs';

const HANDSHAKES = 2_000;
const AT_ONCE = 16;
const ROUNDS = 3;
const TOKENS = 20_000;

verification();

const dataDir = mkdtempSync(join(tmpdir(), 'homing-bench-'));
const service = await startService(dataDir);
const socketIo = fork(new URL('socket-io.mjs', import.meta.url));
try {
  const [port] = await once(socketIo, 'message');
  const uris = [];
  for (let i = 0; i < HANDSHAKES; i += 1) uris.push(await service.register(`recipient-${i}`));
  const theirs = uris.map(() => `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  const rounds = [];
  // The first round warms both up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const reference = await handshakes(theirs, joinSocketIo);
    const ours = await handshakes(uris, opened);
    if (round > 0) rounds.push({ reference, ours, ratio: ours / reference });
  }
  report('upgrade', `handshakes a second, ${AT_ONCE} at a time`, rounds);
} finally {
  socketIo.kill();
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Reads tokens that bear everything, and prints the microseconds of each. */
function verification() {
  const clock = { now: Date.now, reached: Date.now };
  const tokens = new RecipientTokens(
    { tokenTtl: 604_800_000 },
    new TokenSecrets([
      { id: 'b', secret: 'a new secret of 32 characters ...' },
      { id: 'a', secret: 'an old secret of 32 characters ..' },
    ]),
    clock,
    { revokedUntil: () => 0 },
  );
  const all = Array.from({ length: TOKENS }, (_, i) =>
    tokens.sign({
      tenant: 'acme',
      recipient: `d9f3c17a-c6de-4e5e-b42b-${i}`,
      topic: 'news',
      sourceIp: '203.0.113.0/24',
      origin: 'https://example.org',
    }),
  );
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const start = performance.now();
    for (const token of all) if (tokens.verify(token).kind !== 'valid') throw new Error('A token is not valid');
    return ((performance.now() - start) / TOKENS) * 1_000;
  }).slice(1);
  const microseconds = Number(median(rounds).toFixed(1));
  process.stdout.write(`${JSON.stringify({ row: 'token-verification', microseconds, goal: 50 })}\n`);
}

/** Connects to all of the URIs and leaves again; gives handshakes a second. */
async function handshakes(uris, complete) {
  const queue = [...uris];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let uri = queue.pop(); uri !== undefined; uri = queue.pop()) {
        const socket = new WebSocket(uri, { perMessageDeflate: false });
        await Promise.race([
          complete(socket),
          once(socket, 'close').then(([code]) => Promise.reject(new Error(`The connection was closed: ${code}`))),
        ]);
        socket.terminate();
      }
    }),
  );
  return uris.length / ((performance.now() - start) / 1_000);
}

function opened(socket) {
  return once(socket, 'open');
}

/** The server opens with packet 0, the client joins the namespace with 40, and the server answers with 40. */
function joinSocketIo(socket) {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data) => {
      const packet = data.toString();
      if (packet.startsWith('0')) socket.send('40');
      if (packet.startsWith('40')) resolve();
    });
  });
}
