// A thread that attacks the service from one address: requests whose headers, or whose body, come a byte a second, and
// connections without end. What is cut off or refused comes back a second later.
import { connect } from 'node:net';
import { workerData } from 'node:worker_threads';

const { port, target, key, connections, counts } = workerData;
/** How many connections were opened, and how many of them the service ended; shared with the bench. */
const tally = new Int32Array(counts);
const SECOND = 1_000;

const ATTACKS = [
  { head: 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: ' },
  {
    head: `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\nX-Api-Key: ${key}\r\n\r\n`,
  },
  {
    head: `GET ${target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    silent: true,
  },
];

function attack({ head, silent }) {
  const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  socket.once('connect', () => Atomics.add(tally, 0, 1));
  socket.write(head);
  const drip = silent ? undefined : setInterval(() => socket.write('a'), SECOND);
  socket.on('error', () => undefined);
  socket.resume().once('close', () => {
    clearInterval(drip);
    Atomics.add(tally, 1, 1);
    setTimeout(attack, SECOND, { head, silent });
  });
}

for (const kind of ATTACKS)
  for (let i = 0; i < connections; i += 1) setTimeout(attack, (SECOND * i) / connections, kind);
