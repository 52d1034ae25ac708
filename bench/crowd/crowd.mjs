// Many connections, spread over processes of their own, so that whoever measures does nothing beside.
import { setTimeout as pause } from 'node:timers/promises';
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

  /** How many messages have come since it was last asked, or waited. */
  async count() {
    return (await this.#all((part) => part.order('count'))).reduce((sum, count) => sum + count, 0);
  }

  /**
   * The ages that messages have when they come, in milliseconds: of all that `work` pushes, which must be dated (`dated-text.mjs`).
   * @param work gives how many it has pushed
   */
  async agesDuring(work) {
    await this.#all((part) => part.order('noteAges'));
    const pushed = await work();
    for (;;) {
      const ages = (await this.#all((part) => part.order('ages'))).flat();
      if (ages.length >= pushed) return ages;
      await pause(50);
    }
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
