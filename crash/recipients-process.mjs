// The process of the recipients, as the one that runs the show speaks to it.
import { fork } from 'node:child_process';

export class RecipientsProcess {
  #child;
  #answers = new Map();
  #last = 0;

  constructor(journalPath, seed) {
    this.#child = fork(new URL('recipients.mjs', import.meta.url), {
      env: { ...process.env, JOURNAL: journalPath, SEED: String(seed) },
    });
    this.#child.on('message', ({ id, answer }) => this.#answers.get(id)?.resolve(answer));
    this.#child.on('exit', () => {
      for (const { reject } of this.#answers.values()) reject(new Error('The process of the recipients has ended.'));
    });
  }

  /** Gives an order and waits for the answer. */
  order(name, details = {}) {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.send({ id, order: name, ...details });
    }).finally(() => this.#answers.delete(id));
  }

  end() {
    this.#child.kill();
  }
}
