// A part of a crowd, a process of its own: many connections that answer what they must and count what comes.
import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';

let received = 0;
let waiting = null;
const groups = new Map();
let load = performance.eventLoopUtilization();

const orders = {
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
  /** The share of the time since it was last asked in which it was busy. */
  load() {
    const before = load;
    load = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(load, before).utilization;
  },
};

process.on('message', async ({ id, order, ...details }) => {
  const answer = await orders[order](details);
  process.send({ id, answer: answer ?? null });
});
process.once('disconnect', () => process.exit());

function hear() {
  received += 1;
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
      if (packet.startsWith('42')) hear();
      else if (packet.startsWith('40')) resolve(socket);
      else if (packet === '2') socket.send('3');
      else if (packet.startsWith('0')) socket.send('40');
    });
    socket.once('error', reject);
    socket.once('close', fail);
  });
}
