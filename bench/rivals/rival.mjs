// What others do with the same work, in a process that is measured as ours is.
import { ChildOrders } from '../child-orders.mjs';

/** Starts each of them: `{ ws, 'socket.io' }`. @param execArgv for their processes */
export async function startRivals(execArgv) {
  return { ws: await Rival.start('ws', execArgv), 'socket.io': await Rival.start('socket.io', execArgv) };
}

export class Rival {
  static async start(name, execArgv) {
    const process = new ChildOrders(new URL('process.mjs', import.meta.url), execArgv);
    const port = await process.order('listen', { rival: name });
    return new Rival(process, name, port);
  }

  constructor(process, name, port) {
    this.process = process;
    this.pid = process.child.pid;
    this.protocol = name === 'socket.io' ? name : undefined;
    this.uri = `ws://127.0.0.1:${port}/${name === 'socket.io' ? 'socket.io/?EIO=4&transport=websocket' : ''}`;
  }

  /** Its URI for each of so many connections. */
  uris(count) {
    return Array.from({ length: count }, () => this.uri);
  }

  /** Sends a text to everybody. */
  broadcast(text) {
    return this.process.order('broadcast', { text });
  }

  /** Sends these texts to everybody who connects from now on; only `ws` does. */
  greet(texts) {
    return this.process.order('greet', { texts });
  }

  end() {
    this.process.end();
  }
}
