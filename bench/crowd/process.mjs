// A part of a crowd, a process of its own: many connections that answer what they must and count what comes.
import { WebSocket } from 'ws';
import { answerOrders } from '../answer-orders.mjs';
import { ageOf } from '../dated-text.mjs';

let received = 0;
let waiting = null;
const groups = new Map();
/** How old each message was, while that is noted. */
let ages = null;

answerOrders({
  /** Connects to all of the URIs, `atOnce` at a time. */
  async connect({ group, uris, protocol, atOnce }) {
    const sockets = groups.get(group) ?? [];
    groups.set(group, sockets);
    const queue = [...uris];
    const join = protocol === 'socket.io' ? joinSocketIo : joinPlain;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let uri = queue.pop(); uri !== undefined; uri = queue.pop()) sockets.push(await join(uri));
      }),
    );
  },
  /** Waits until so many messages have come since it last waited. */
  expect: ({ count }) =>
    new Promise((resolve) => {
      waiting = { count, resolve };
      lookForEnd();
    }),
  leave({ group }) {
    for (const socket of groups.get(group)) socket.removeListener('close', fail).terminate();
    groups.delete(group);
  },
  /** How many messages have come since it was last asked, or waited. */
  count() {
    const count = received;
    received = 0;
    return count;
  },
  /** From now on the age of each message is noted: all must be dated. */
  noteAges() {
    ages = [];
  },
  /** The ages that were noted, in milliseconds. */
  ages: () => ages,
});

function hear(data) {
  received += 1;
  ages?.push(ageOf(data.toString()));
  lookForEnd();
}

function lookForEnd() {
  if (waiting === null || received < waiting.count) return;
  received -= waiting.count;
  waiting.resolve();
  waiting = null;
}

/** Nobody may go before the crowd leaves: the process ends, and whoever waits for it is told. */
function fail(code) {
  throw new Error(`A connection was closed: ${code}`);
}

function joinPlain(uri) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(uri, { perMessageDeflate: false });
    socket.on('message', hear);
    socket.once('open', () => resolve(socket)).once('error', reject);
    socket.once('close', fail);
  });
}

/** Packet 0 opens, 40 joins the namespace and is answered by 40, 2 is a ping and 3 its pong, 42 an event. */
function joinSocketIo(uri) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(uri, { perMessageDeflate: false });
    socket.on('message', (data) => {
      const packet = data.toString();
      if (packet.startsWith('42')) hear(packet);
      else if (packet.startsWith('40')) resolve(socket);
      else if (packet === '2') socket.send('3');
      else if (packet.startsWith('0')) socket.send('40');
    });
    socket.once('error', reject);
    socket.once('close', fail);
  });
}
