// The balancer of the row `rolling`, a process of its own: balancer.mjs <port of a node> ... It does what HAProxy does with
//   mode tcp; balance random(1); retries 3; option redispatch 1; option httpchk GET /health/ready;
//   default-server inter 1s fall 2 rise 2
// It knows no more of a node than its checks say and that it can't be connected to; what is open stays where it is.
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { answerLoad } from './load.mjs';

const INTERVAL = 1_000;
const FALL = 2;
const RISE = 2;
const RETRIES = 3;

const nodes = process.argv.slice(2).map((port) => ({ port: Number(port), isUp: false, inARow: 0 }));
const server = createServer({ allowHalfOpen: true, backlog: 4_096 }, (client) => {
  client.setNoDelay(true).on('error', () => client.destroy());
  carry(client, RETRIES);
}).listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
for (const node of nodes) void watch(node);
answerLoad();

/** Connects a client to any node that is up; when that can't be connected to, to any other. */
function carry(client, retries, failed = null) {
  const up = nodes.filter((node) => node.isUp && node !== failed);
  const node = up[Math.floor(Math.random() * up.length)];
  if (!node) {
    client.resetAndDestroy();
    return;
  }
  const socket = connect({ port: node.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const giveUp = () => socket.destroy();
  const retry = () => {
    client.off('close', giveUp);
    if (retries === 0) client.resetAndDestroy();
    else carry(client, retries - 1, node);
  };
  client.once('close', giveUp);
  socket.once('error', retry).once('connect', () => {
    client.off('close', giveUp);
    socket.off('error', retry);
    join(client, socket);
    join(socket, client);
  });
}

/** Hands on what comes, its end, and that it is cut off. */
function join(from, to) {
  from.pipe(to);
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => to.destroySoon());
}

/** Takes a node out, or in again, after so many checks in a row. */
async function watch(node) {
  for (;;) {
    const ready = await isReady(node);
    node.inARow = ready === node.isUp ? 0 : node.inARow + 1;
    if (node.inARow >= (ready ? RISE : FALL)) {
      node.isUp = ready;
      node.inARow = 0;
      process.send({ node: node.port, isUp: ready });
    }
    await pause(INTERVAL);
  }
}

async function isReady({ port }) {
  try {
    const signal = AbortSignal.timeout(INTERVAL);
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal, headers: { connection: 'close' } });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
