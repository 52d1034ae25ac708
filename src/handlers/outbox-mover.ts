import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { Pace } from '../database/pace.js';
import { Drain } from '../drain/drain.js';
import { HandledEvents } from '../events/handled-events.js';
import { Log } from '../log/log.js';
import { Handlers } from './handlers.js';
import { OutboxRepository, type OutboxRow } from './outbox.repository.js';

/** What other nodes put into the outbox is looked for this often, in milliseconds. */
const LOOK_EVERY = 1_000;
/** What keeps coming is moved once in so many milliseconds. */
const STEP = 50;
/** A queue that does not take them in this time, in milliseconds, counts as down. */
const ADD_TIMEOUT = 5_000;

/**
 * Moves events from the outbox to the queues of the durable handlers of their class, on a node that works the queue. They are removed
 * when all queues have them, so one is added twice when the process ends in between, and is one job all the same.
 */
@Injectable()
export class OutboxMover implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Log(OutboxMover.name);
  private readonly pace = new Pace(STEP);
  private timer: NodeJS.Timeout | undefined;
  private moving: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private down = false;
  /** Whether a queue's client still holds what it could not add in time. */
  private stuck = false;

  constructor(
    private readonly settings: Settings,
    private readonly drain: Drain,
    private readonly handled: HandledEvents,
    private readonly handlers: Handlers,
    private readonly outbox: OutboxRepository,
  ) {}

  onModuleInit(): void {
    this.drain.onDrain(() => this.rest());
  }

  onApplicationBootstrap(): void {
    if (!this.settings.roles.includes('worker') || this.handlers.durable.length === 0) return;
    for (const handler of this.handlers.durable) handler.work();
    this.handled.onKept(() => this.wake());
    this.timer = setInterval(() => this.wake(), LOOK_EVERY).unref();
    this.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.handlers.durable.map((handler) => handler.close()));
  }

  private async rest(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await Promise.all([this.moving, ...this.handlers.durable.map((handler) => handler.rest())]);
  }

  private wake(): void {
    this.again = true;
    if (this.stopped) return;
    this.moving ??= this.moveAll();
  }

  private async moveAll(): Promise<void> {
    try {
      while (this.again && !this.stopped) {
        await this.pace.turn();
        this.again = false;
        const names = this.handlers.durable.map(({ eventClass }) => eventClass.name);
        while ((await this.outbox.move(names, (rows) => this.hand(rows))) && !this.stopped);
      }
      this.down = false;
    } catch (error) {
      if (!this.down) this.log.write('outbox.stuck', 'Events for durable handlers wait in the outbox', { error });
      this.down = true;
    }
    // At once: who wakes it later begins anew.
    this.moving = null;
  }

  /** Adds the events to all queues that want them. @throws Error when one of them does not take them in time */
  private async hand(rows: readonly OutboxRow[]): Promise<void> {
    // A client that waits for its server keeps what it was given: once is enough.
    if (this.stuck) throw new Error('a queue has not taken the ones before');
    const adding = this.handlers.durable.map((handler) =>
      handler.add(rows.filter(({ event }) => event === handler.eventClass.name)),
    );
    void Promise.allSettled(adding).then(() => (this.stuck = false));
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.stuck = true;
        reject(new Error(`no answer in ${ADD_TIMEOUT} ms`));
      }, ADD_TIMEOUT);
    });
    await Promise.race([Promise.all(adding), tooLate]).finally(() => clearTimeout(timer));
  }
}
