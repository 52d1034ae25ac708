import { setTimeout as pause } from 'node:timers/promises';

const EVERY = 2_000;
const MESSAGES = 500;

/** Writes down what the API says of the newest messages, again and again. */
export class Observer {
  #stopped = false;
  #watching;

  constructor(api, journal) {
    this.#watching = this.#watch(api, journal);
  }

  async stop() {
    this.#stopped = true;
    await this.#watching;
  }

  async #watch(api, journal) {
    while (!this.#stopped) {
      const messages = await api.newest(MESSAGES).catch(() => []);
      if (messages.length > 0)
        journal.write('sample', { statuses: Object.fromEntries(messages.map(({ id, status }) => [id, status])) });
      await pause(EVERY);
    }
  }
}
