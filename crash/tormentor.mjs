// Does to the service, its database, its queue and its clients what may happen to them, in an order that the seed decides.
import { setTimeout as pause } from 'node:timers/promises';
import { RECOVERY } from './recovery.mjs';
import { roundFor } from './rounds.mjs';
import { PAUSE, STEPS, Torments } from './torments.mjs';

const BETWEEN_CUTS = { from: 500, to: 3_000 };

export class Tormentor {
  #installation;
  #recipients;
  #api;
  #journal;
  #random;
  #torments;
  /** How often each torment was done. */
  done = new Map();

  constructor({ installation, recipients, api, journal, random }) {
    this.#installation = installation;
    this.#recipients = recipients;
    this.#api = api;
    this.#journal = journal;
    this.#random = random;
    this.#torments = new Torments(installation, journal, random);
  }

  get kills() {
    return this.#torments.kills;
  }

  /** Kills a node while it makes its folder, its database and its tables for the first time; then lets it finish. */
  async tormentFirstStart(times) {
    const { nodes } = this.#installation;
    nodes.keepRunning();
    for (let i = 0; i < times; i += 1) {
      nodes.turn();
      await this.#torments.momentInStart(STEPS[i % STEPS.length]);
      this.#note('kill at first start');
      await this.#torments.killNode();
    }
    await this.recovered();
  }

  /** Torments until the deadline, and at least for one whole round. */
  async run(deadline) {
    const network = this.#tormentNetwork(deadline);
    for (let round = 1; round === 1 || Date.now() < deadline; round += 1) {
      for (const torment of this.#random.shuffled(roundFor(this.#installation))) {
        if (round > 1 && Date.now() > deadline) break;
        this.#note(torment);
        await this.#torments.do(torment);
        // Most torments meet a service that has come to its senses; some meet it while it is still busy with the one before.
        if (this.#random.chance(0.75)) await this.recovered();
        await pause(this.#random.between(0, 1_500));
      }
    }
    await network;
    await this.recovered();
  }

  /** Waits until all nodes listen and are ready. */
  async recovered() {
    const deadline = Date.now() + RECOVERY;
    while (!(await this.#api.ready().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`The service was not ready within ${RECOVERY / 1_000} s.`);
      await pause(50);
    }
  }

  /** Beside all that, connections are cut in the middle of a frame, and once in a while nothing gets through any more. */
  async #tormentNetwork(deadline) {
    const random = this.#random.fork();
    for (let turn = 0; Date.now() < deadline; turn += 1) {
      await pause(random.between(BETWEEN_CUTS.from, BETWEEN_CUTS.to));
      if (turn % 8 === 2) {
        this.#note('swallow');
        await this.#recipients.order('swallow');
        await pause(random.between(PAUSE.from, PAUSE.to));
        await this.#recipients.order('pass');
      } else {
        this.#note('cut frame');
        await this.#recipients.order('cut', { count: random.between(1, 3) });
      }
    }
  }

  #note(torment) {
    this.done.set(torment, (this.done.get(torment) ?? 0) + 1);
    this.#journal.write('torment', { torment });
  }
}
