// What others do with the same work, in a process that is measured as ours is.
import { ChildOrders } from '../child-orders.mjs';

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
