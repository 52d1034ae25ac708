// A TCP proxy that stands for a network: it can cut connections in the middle of a frame, or let nothing through any more.
import { createServer, connect } from 'node:net';
import { once } from 'node:events';

export class Proxy {
  #pairs = new Set();
  #cutting = 0;
  /** 'open', 'swallowing', 'holding' or 'refusing'. */
  #state = 'open';

  /** Starts to listen on a free port; everything goes to `port` on this machine. */
  async listen(port) {
    const server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.unref();
    return server.address().port;
  }

  /** The next this many pieces that the service sends arrive by half, and their connections end there. */
  cut(count) {
    this.#cutting = count;
  }

  /** Lets nothing through in either direction, loses it, and hides from each side that the other has gone. */
  swallow() {
    this.#state = 'swallowing';
  }

  /** Lets nothing through in either direction until it is transparent again: then what was held back arrives. */
  hold() {
    this.#state = 'holding';
    for (const { client, server } of this.#pairs) for (const socket of [client, server]) socket.pause();
  }

  /** Ends all connections, and each new one at once. */
  refuse() {
    this.#state = 'refusing';
    for (const { client, server } of this.#pairs) for (const socket of [client, server]) socket.resetAndDestroy();
  }

  /** Lets everything through again. Connections that were swallowed from are beyond help. */
  beTransparent() {
    const before = this.#state;
    this.#cutting = 0;
    this.#state = 'open';
    for (const pair of this.#pairs)
      if (before === 'holding') for (const socket of [pair.client, pair.server]) socket.resume();
      else if (before === 'swallowing') end(pair);
    // One whose client stands still takes its time to go, and must not be ended again and again.
    if (before === 'swallowing') this.#pairs.clear();
  }

  #join(client, server) {
    const pair = { client, server };
    this.#pairs.add(pair);
    server.on('data', (chunk) => {
      if (this.#state === 'swallowing') return;
      if (this.#cutting === 0 || chunk.length < 2) {
        client.write(chunk);
        return;
      }
      this.#cutting -= 1;
      // `destroySoon` lets the half arrive first.
      client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)));
      client.destroySoon();
      server.destroy();
    });
    client.on('data', (chunk) => {
      if (this.#state !== 'swallowing') server.write(chunk);
    });
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (this.#state === 'swallowing') return;
        this.#pairs.delete(pair);
        end(pair);
      });
      if (this.#state === 'holding') socket.pause();
      if (this.#state === 'refusing') socket.resetAndDestroy();
    }
  }
}

function end({ client, server }) {
  client.destroySoon();
  server.destroySoon();
}
