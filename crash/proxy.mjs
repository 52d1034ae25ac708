// A TCP proxy that can cut connections in the middle of a frame, or go silent with all of them.
import { createServer, connect } from 'node:net';
import { once } from 'node:events';

export class Proxy {
  #pairs = new Set();
  #cutting = 0;
  #swallowing = false;

  /** Starts to listen on a free port; everything goes to `port` on this machine. */
  async listen(port) {
    const server = createServer((client) => this.#join(client, connect(port, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server.address().port;
  }

  /** The next this many pieces that the service sends arrive by half, and their connections end there. */
  cut(count) {
    this.#cutting = count;
  }

  /** Lets nothing through in either direction, and hides from each side that the other has gone. */
  swallow() {
    this.#swallowing = true;
  }

  /** Lets everything through again. Connections that were swallowed from are beyond help. */
  beTransparent() {
    this.#cutting = 0;
    if (!this.#swallowing) return;
    this.#swallowing = false;
    for (const pair of this.#pairs) end(pair);
    // One whose client stands still takes its time to go, and must not be ended again and again.
    this.#pairs.clear();
  }

  #join(client, service) {
    const pair = { client, service };
    this.#pairs.add(pair);
    service.on('data', (chunk) => {
      if (this.#swallowing) return;
      if (this.#cutting === 0 || chunk.length < 2) {
        client.write(chunk);
        return;
      }
      this.#cutting -= 1;
      // `destroySoon` lets the half arrive first.
      client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)));
      client.destroySoon();
      service.destroy();
    });
    client.on('data', (chunk) => {
      if (!this.#swallowing) service.write(chunk);
    });
    for (const socket of [client, service]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (this.#swallowing) return;
        this.#pairs.delete(pair);
        end(pair);
      });
    }
  }
}

function end({ client, service }) {
  client.destroySoon();
  service.destroySoon();
}
