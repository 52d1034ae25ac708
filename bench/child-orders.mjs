// A process that does what its parent tells it, one answer for each order.
import { fork } from 'node:child_process';

export class ChildOrders {
  #answers = new Map();
  #last = 0;

  constructor(module, execArgv = []) {
    this.child = fork(module, { execArgv });
    this.child.on('message', ({ id, answer }) => this.#answers.get(id)?.resolve(answer));
    this.child.on('exit', (code) => {
      for (const { reject } of this.#answers.values()) reject(new Error(`${module} has ended with ${code}.`));
    });
  }

  /** Gives an order and waits for the answer. */
  order(order, details = {}) {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.child.send({ id, order, ...details });
    }).finally(() => this.#answers.delete(id));
  }

  end() {
    this.child.kill();
  }
}
