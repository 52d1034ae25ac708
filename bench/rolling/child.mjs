// A process of the load, and what it says.
import { fork } from 'node:child_process';
import { on } from 'node:events';

export class Child {
  constructor(program, ...args) {
    this.process = fork(`bench/rolling/${program}.mjs`, args.map(String));
  }

  async ask(order) {
    const answer = this.tells(order);
    this.process.send({ order });
    return answer;
  }

  /** Waits until it tells this. */
  async tells(key) {
    for await (const [message] of on(this.process, 'message')) if (key in message) return message[key];
    throw new Error('A process of the load ended');
  }

  kill(signal) {
    this.process.kill(signal);
  }
}
