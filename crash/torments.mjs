// What each torment does, to the node whose turn it is or to what all nodes share.
import { setTimeout as pause } from 'node:timers/promises';
import { RECOVERY } from './recovery.mjs';

/**
 * What a service says while it starts, and how long the part of the start behind it may take: it loads its program, makes
 * the database or looks for it, and brings the schema up to date. Machines differ, so a moment is not chosen by time alone.
 */
export const STEPS = [
  { said: /^/, milliseconds: 1_000 },
  { said: /database|schema/, milliseconds: 1_500 },
  { said: /schema/, milliseconds: 600 },
];
const SHUTDOWN = 1_500;
/** Two ping intervals and more: by then every peer would count as dead. */
export const PAUSE = { from: 5_000, to: 7_000 };
/** Up to longer than it takes a node to notice that nothing comes from the database any more. */
const CUT_OFF = { from: 2_000, to: 12_000 };
const DOWN = { from: 0, to: 4_000 };

export class Torments {
  #nodes;
  #database;
  #redis;
  #journal;
  #random;
  /** How many processes were killed. */
  kills = { service: 0, database: 0, redis: 0 };

  #deeds = {
    kill: () => this.killNode(),
    'kill all': async () => void (this.kills.service += await this.#nodes.killAll()),
    'kill at start': async () => {
      await this.killNode();
      await this.momentInStart(this.#random.pick(STEPS));
      await this.killNode();
    },
    'kill at shutdown': async () => {
      await this.#beginStop();
      await this.killNode();
    },
    stop: () => this.#node.signal('SIGTERM'),
    'stop at once': async () => {
      await this.#beginStop();
      this.#node.signal('SIGTERM');
    },
    pause: () => this.#pauseNode(),
    'kill database': () => this.#killDatabase(),
    'kill both': async () => {
      await this.#killDatabase();
      await this.killNode();
    },
    'restart database': () => this.#onceItRuns(() => this.#database.restart()),
    'pause database': () => this.#pauseDatabase(),
    'empty queue': () => this.#withDatabase(() => this.#database.emptyQueue()),
    // BullMQ makes its tables when it starts. Until then the reconciler must do.
    'drop queue': async () => {
      await this.#withDatabase(() => this.#database.dropQueue());
      await pause(this.#random.between(0, 3_000));
      await this.killNode();
    },
    'empty Redis': () => this.#redis.empty(),
    'kill Redis': async () => {
      this.kills.redis += 1;
      await this.#redis.kill({ downFor: this.#span(DOWN) });
    },
    'pause Redis': () => this.#redis.pauseFor(this.#span(PAUSE)),
    'cut off from database': () => this.#cutOff(this.#node.ways.database),
    'cut off from Redis': () => this.#cutOff(this.#node.ways.redis),
    'cut off from both': () => this.#cutOff(this.#node.ways.database, this.#node.ways.redis),
  };

  constructor({ nodes, database, redis }, journal, random) {
    this.#nodes = nodes;
    this.#database = database;
    this.#redis = redis;
    this.#journal = journal;
    this.#random = random;
  }

  /** Does it to some node. */
  async do(torment) {
    this.#nodes.turn();
    await this.#deeds[torment]();
  }

  async killNode() {
    if (this.#node.isRunning) this.kills.service += 1;
    await this.#node.kill();
  }

  /** Waits for some moment in the start that is under way. */
  async momentInStart({ said, milliseconds }) {
    const length = this.#random.between(0, milliseconds);
    for (const deadline = Date.now() + RECOVERY; !said.test(this.#node.said) && Date.now() < deadline;) await pause(5);
    await pause(length);
  }

  get #node() {
    return this.#nodes.target;
  }

  #span({ from, to }) {
    return this.#random.between(from, to);
  }

  async #beginStop() {
    this.#node.signal('SIGTERM');
    await pause(this.#random.between(0, SHUTDOWN));
  }

  async #pauseNode() {
    const from = Date.now();
    const node = this.#node;
    node.signal('SIGSTOP');
    await pause(this.#span(PAUSE));
    this.#journal.write('pause', { node: node.number, from, to: Date.now() });
    node.signal('SIGCONT');
  }

  async #killDatabase() {
    const withChildren = this.#random.chance(0.5);
    await this.#onceItRuns(() => this.#database.kill({ withChildren }));
    this.kills.database += 1;
  }

  async #pauseDatabase() {
    let wake;
    await this.#onceItRuns(() => (wake = this.#database.pause()));
    await pause(this.#span(PAUSE));
    wake();
  }

  /** Nothing gets from the node to what is behind these ways for a while, and nothing back; its clients still reach it. */
  async #cutOff(...ways) {
    const manner = this.#random.pick(['refuse', 'hold', 'swallow']);
    for (const way of ways) way[manner]();
    await pause(this.#span(CUT_OFF));
    for (const way of ways) way.beTransparent();
  }

  /** Does something to the database as soon as it runs; `deed` tells whether it did. */
  async #onceItRuns(deed) {
    for (const deadline = Date.now() + RECOVERY; !deed();) {
      if (Date.now() > deadline) throw new Error(`The database did not run within ${RECOVERY / 1_000} s.`);
      await pause(50);
    }
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
}
