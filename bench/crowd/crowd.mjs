// Many connections, spread over processes of their own, so that whoever measures does nothing beside.
import { ChildOrders } from '../child-orders.mjs';

const PROCESSES = 2;

export class Crowd {
  #parts = Array.from({ length: PROCESSES }, () => new ChildOrders(new URL('process.mjs', import.meta.url)));

  /** Connects to all of the URIs, as a group. @param protocol 'socket.io', or nothing for a plain WebSocket */
  connect(group, uris, protocol) {
    return this.#all((part, i) =>
      part.order('connect', { group, protocol, uris: uris.filter((_, j) => j % PROCESSES === i) }),
    );
  }

  /** Waits until each of `connections`, all of one group, has received `count` messages more. */
  expect(connections, count) {
    return this.#all((part, i) => {
      const share = Math.floor(connections / PROCESSES) + (i < connections % PROCESSES ? 1 : 0);
      return part.order('expect', { count: share * count });
    });
  }

  leave(group) {
    return this.#all((part) => part.order('leave', { group }));
  }

  /** The share of the time since it was last asked in which its busiest process had something to do. */
  async load() {
    return Math.max(...(await this.#all((part) => part.order('load'))));
  }

  end() {
    for (const part of this.#parts) part.end();
  }

  #all(work) {
    return Promise.all(this.#parts.map(work));
  }
}
