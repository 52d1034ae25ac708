// Many connections, spread over processes of their own, so that whoever measures does nothing beside.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ChildOrders } from '../child-orders.mjs';

const PROCESSES = 2;
/** Open files that a process has besides its connections, at most. */
const OTHER_FILES = 200;

export class Crowd {
  #parts = Array.from({ length: PROCESSES }, () => new ChildOrders(new URL('process.mjs', import.meta.url)));

  #sizes = new Map();

  /**
   * Connects to all of the URIs, as a group.
   * @param protocol 'socket.io', or nothing for a plain WebSocket
   * @param atOnce how many connections are being opened at a time; a multiple of the processes
   */
  async connect(group, uris, protocol, atOnce = 64) {
    this.#sizes.set(group, (this.#sizes.get(group) ?? 0) + uris.length);
    this.#checkFiles();
    await this.#all((part, i) =>
      part.order('connect', {
        group,
        protocol,
        uris: uris.filter((_, j) => j % PROCESSES === i),
        atOnce: atOnce / PROCESSES,
      }),
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
    this.#sizes.delete(group);
    return this.#all((part) => part.order('leave', { group }));
  }

  /** The share of the time since it was last asked in which its busiest process had something to do. */
  async load() {
    return Math.max(...(await this.#all((part) => part.order('load'))));
  }

  end() {
    for (const part of this.#parts) part.end();
  }

  /** A server has the connections of a group, and a process of the crowd its part of all groups. Node raises its soft limit to the hard one. */
  #checkFiles() {
    const sizes = [...this.#sizes.values()];
    const needed = Math.max(...sizes, sizes.reduce((sum, size) => sum + size) / PROCESSES) + OTHER_FILES;
    const limit = /^Max open files\s+\S+\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1];
    if (limit !== 'unlimited' && needed > Number(limit))
      throw new Error(
        `A process would have ${needed} files open, of which \`ulimit -n\` allows ${limit}: raise that, or set CONNECTIONS to less.`,
      );
  }

  #all(work) {
    return Promise.all(this.#parts.map(work));
  }
}
