// The recipient of the row `backlog`, a process of its own.
import { WebSocket } from 'ws';
import { answerOrders } from '../answer-orders.mjs';

/** Backends that pushed at once, each of them every 16th text. */
const BACKENDS = 16;

answerOrders({
  /** Connects and receives so many texts that begin with their numbers; gives the seconds. Fails when one is missing, out of order, or repeated. */
  async receive({ uri, count }) {
    const start = performance.now();
    const socket = new WebSocket(uri, { perMessageDeflate: false });
    const next = Array.from({ length: BACKENDS }, (_, i) => i);
    let received = 0;
    await new Promise((resolve, reject) => {
      socket.on('message', (data) => {
        const number = parseInt(data.toString(), 10);
        if (number !== next[number % BACKENDS])
          reject(new Error(`Message ${number} came instead of ${next[number % BACKENDS]}`));
        next[number % BACKENDS] += BACKENDS;
        received += 1;
        if (received === count) resolve();
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error(`The connection was closed after ${received} messages`)));
    });
    const seconds = (performance.now() - start) / 1_000;
    socket.terminate();
    return seconds;
  },
});
