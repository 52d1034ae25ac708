// Does to the service, its database, its queue and its clients what may happen to them, in an order that the seed decides.
import { setTimeout as pause } from 'node:timers/promises';

/** One round of torments. A round is dealt anew, in another order, until the time is over; the first one is always finished. */
const ROUND = [
  'kill',
  'kill',
  'kill',
  'kill at start',
  'kill at start',
  'kill at shutdown',
  'stop',
  'stop at once',
  'kill database',
  'kill database',
  'kill both',
  'empty queue',
  'drop queue',
  'pause',
];
/** What else there is in a round with several nodes. */
const ROUND_OF_MANY = ['kill all'];

/**
 * What a service says while it starts, and how long the part of the start behind it may take: it loads its program, makes
 * the database or looks for it, and brings the schema up to date. Machines differ, so a moment is not chosen by time alone.
 */
const STEPS = [
  { said: /^/, milliseconds: 1_000 },
  { said: /database/, milliseconds: 1_500 },
  { said: /schema/, milliseconds: 600 },
];
const SHUTDOWN = 1_500;
/** Two ping intervals and more: by then every peer would count as dead. */
const PAUSE = { from: 5_000, to: 7_000 };
const BETWEEN_CUTS = { from: 500, to: 3_000 };
/** Longer than it should take, even on a machine with far too much to do. */
const RECOVERY = 180_000;

export class Tormentor {
  #nodes;
  #database;
  #recipients;
  #api;
  #journal;
  #random;
  /** How often each torment was done, and how many processes were killed. */
  done = new Map();
  kills = { service: 0, database: 0 };

  constructor({ service, database, recipients, api, journal, random }) {
    this.#nodes = service;
    this.#database = database;
    this.#recipients = recipients;
    this.#api = api;
    this.#journal = journal;
    this.#random = random;
  }

  /** Kills the service while it makes its folder, its database and its tables for the first time; then lets it finish. */
  async tormentFirstStart(times) {
    this.#nodes.keepRunning();
    for (let i = 0; i < times; i += 1) {
      this.#nodes.turn();
      await this.#momentInStart(STEPS[i % STEPS.length]);
      await this.#killService('kill at first start');
    }
    await this.recovered();
  }

  /** Torments until the deadline, and at least for one whole round. */
  async run(deadline) {
    const dealt = this.#nodes.areMany ? [...ROUND, ...ROUND_OF_MANY] : ROUND;
    const network = this.#tormentNetwork(deadline);
    for (let round = 1; round === 1 || Date.now() < deadline; round += 1) {
      for (const torment of this.#random.shuffled(dealt)) {
        if (round > 1 && Date.now() > deadline) break;
        await this.#do(torment);
        // Most torments meet a service that has come to its senses; some meet it while it is still busy with the one before.
        if (this.#random.chance(0.75)) await this.recovered();
        await pause(this.#random.between(0, 1_500));
      }
    }
    await network;
    await this.recovered();
  }

  /** Waits until the service listens and reaches its database. */
  async recovered() {
    const deadline = Date.now() + RECOVERY;
    while (!(await this.#api.ready().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`The service was not ready within ${RECOVERY / 1_000} s.`);
      await pause(50);
    }
  }

  async #do(torment) {
    const random = this.#random;
    this.#note(torment);
    this.#nodes.turn();
    switch (torment) {
      case 'kill':
        return this.#killService();
      case 'kill all':
        return this.#killAll();
      case 'kill at start':
        await this.#killService();
        await this.#momentInStart(random.pick(STEPS));
        return this.#killService();
      case 'kill at shutdown':
        this.#nodes.target.signal('SIGTERM');
        await pause(random.between(0, SHUTDOWN));
        return this.#killService();
      case 'stop':
        return this.#nodes.target.signal('SIGTERM');
      case 'stop at once':
        this.#nodes.target.signal('SIGTERM');
        await pause(random.between(0, SHUTDOWN));
        return this.#nodes.target.signal('SIGTERM');
      case 'kill database':
        return this.#killDatabase();
      case 'kill both':
        await this.#killDatabase();
        return this.#killService();
      case 'empty queue':
        return this.#withDatabase(() => this.#database.emptyQueue());
      case 'drop queue':
        // BullMQ makes its tables when it starts. Until then the reconciler must do.
        await this.#withDatabase(() => this.#database.dropQueue());
        await pause(random.between(0, 3_000));
        return this.#killService();
      case 'pause':
        return this.#pause(random.between(PAUSE.from, PAUSE.to));
      default:
        throw new Error(`There is no torment "${torment}"`);
    }
  }

  /** Waits for some moment in the start that is under way. */
  async #momentInStart({ said, milliseconds }) {
    const length = this.#random.between(0, milliseconds);
    for (const deadline = Date.now() + RECOVERY; !said.test(this.#nodes.target.said) && Date.now() < deadline;)
      await pause(5);
    await pause(length);
  }

  async #killService(torment = null) {
    if (torment !== null) this.#note(torment);
    if (this.#nodes.target.isRunning) this.kills.service += 1;
    await this.#nodes.target.kill();
  }

  async #killAll() {
    this.kills.service += await this.#nodes.killAll();
  }

  /** Kills the database, as soon as it runs. */
  async #killDatabase() {
    const withChildren = this.#random.chance(0.5);
    for (const deadline = Date.now() + RECOVERY; !this.#database.kill({ withChildren });) {
      if (Date.now() > deadline) throw new Error(`The database did not run within ${RECOVERY / 1_000} s.`);
      await pause(50);
    }
    this.kills.database += 1;
  }

  async #withDatabase(work) {
    for (const deadline = Date.now() + RECOVERY; ;) {
      try {
        return await work();
      } catch (error) {
        // It may be dead, or the service may hold the tables.
        if (Date.now() > deadline) throw error;
        await pause(100);
      }
    }
  }

  async #pause(milliseconds) {
    const from = Date.now();
    this.#nodes.target.signal('SIGSTOP');
    await pause(milliseconds);
    const to = Date.now();
    this.#nodes.target.signal('SIGCONT');
    this.#journal.write('pause', { from, to });
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
