import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import { DeliveryConfirmed } from '../../../src/events/delivery-confirmed.event.js';
import type { EventJob } from '../../../src/events/events-queue.js';
import { GlobalMessagePushed } from '../../../src/events/global-message-pushed.event.js';
import { MessagesPushed } from '../../../src/events/messages-pushed.event.js';
import type { Fate, Faults } from './faults.js';

const STEP = 10;
/** The jobs that hold events. Those of the schedules are left alone, as they are inside of a node. */
const EVENTS: readonly string[] = [MessagesPushed.name, GlobalMessagePushed.name, DeliveryConfirmed.name];
/** By its id a job that was added here is told from one that a node added, and meets no fate. */
const OURS = 'ours-';

/**
 * What can be done to the queue of nodes that are processes of their own. It is paused until enough jobs have come and met their
 * fate before any node has seen them. No event is unheard: the node that published it is told of it in its own process.
 */
export class OutsideFaults implements Faults {
  readonly befell = { lost: 0, twice: 0, 'held back': 0 };
  private readonly fates: (keyof OutsideFaults['befell'])[] = [];
  private readonly held: Job<EventJob>[] = [];
  private added = 0;
  private watching: Promise<void> = Promise.resolve();
  private watched = false;
  /** BullMQ pauses a queue while it empties it, and what is paused is resumed here: one at a time. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly queue: Queue<EventJob>) {}

  async disturb(fate: Fate, count: number): Promise<void> {
    if (fate === 'unheard') throw new Error('Nobody outside of a node keeps it from hearing its own events');
    this.fates.push(...Array.from({ length: count }, () => fate));
    await this.inTurn(() => this.queue.pause());
    if (this.watched) return;
    this.watched = true;
    this.watching = this.watch();
  }

  async calm(): Promise<void> {
    this.fates.length = 0;
    await this.watching;
  }

  async release(): Promise<void> {
    for (const job of this.held.splice(0).reverse()) await this.add(job);
  }

  empty(): Promise<void> {
    return this.inTurn(async () => {
      await this.queue.obliterate({ force: true });
      if (this.fates.length === 0) await this.queue.resume();
    });
  }

  /** Waits for jobs, and goes on until every fate has befallen one. */
  private async watch(): Promise<void> {
    while (this.fates.length > 0) {
      await this.inTurn(() => this.meet());
      await pause(STEP);
    }
    this.watched = false;
    await this.inTurn(async () => {
      if (this.fates.length === 0) await this.queue.resume();
    });
  }

  private async meet(): Promise<void> {
    const waiting = await this.queue.getWaiting();
    for (const job of waiting.filter(({ id, name }) => EVENTS.includes(name) && !id?.startsWith(OURS))) {
      const [fate] = this.fates;
      if (fate === undefined) return;
      // A node that was fetching it while the queue was paused has it, and no fate befalls it.
      if (
        !(await job.remove().then(
          () => true,
          () => false,
        ))
      )
        continue;
      this.fates.shift();
      this.befell[fate] += 1;
      if (fate === 'held back') this.held.push(job);
      if (fate === 'twice') await Promise.all([this.add(job), this.add(job)]);
    }
  }

  private async add({ name, data }: Job<EventJob>): Promise<void> {
    this.added += 1;
    await this.queue.add(name, data, { jobId: `${OURS}${this.added}` });
  }

  private async inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(act);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}
