import type { Queue } from 'bullmq';
import type { EventJob } from '../../../src/events/events-queue.js';
import type { Service } from '../../support/service.js';
import type { Fate, Faults } from './faults.js';

/**
 * Stands between the services and their real queue, and lets some of the next jobs be lost, run twice, or wait until all those
 * that came later have run. An event that is unheard reaches not even the node that published it, as if that had died.
 */
export class QueueFaults implements Faults {
  private readonly fates: Exclude<Fate, 'unheard'>[] = [];
  private readonly held: (() => Promise<unknown>)[] = [];
  private readonly queues: Queue<EventJob>[] = [];
  private unheard = 0;
  private emptying: Promise<void> = Promise.resolve();
  readonly befell: Record<Fate, number> = { unheard: 0, lost: 0, twice: 0, 'held back': 0 };

  constructor(nodes: readonly Service[]) {
    for (const node of nodes) this.attach(node);
  }

  private attach(node: Service): void {
    const queue = node.jobs;
    const add = queue.add.bind(queue);
    queue.add = (...job) => this.meet(() => add(...job));
    this.queues.push(queue);

    const { events } = node;
    const publish = events.publish.bind(events);
    events.publish = (event) => {
      if (this.unheard === 0) return publish(event);
      this.unheard -= 1;
      this.befell.unheard += 1;
    };
  }

  disturb(fate: Fate, count: number): void {
    if (fate === 'unheard') this.unheard += count;
    else this.fates.push(...Array.from({ length: count }, () => fate));
  }

  calm(): void {
    this.fates.length = 0;
    this.unheard = 0;
  }

  async release(): Promise<void> {
    for (const add of this.held.splice(0).reverse()) await add();
  }

  empty(): Promise<void> {
    // BullMQ pauses a queue while it empties it; two that do so at once get into each other's way.
    const before = this.emptying;
    this.emptying = (async () => {
      await before;
      await this.queues[0]?.obliterate({ force: true });
      await this.queues[0]?.resume();
    })();
    return this.emptying;
  }

  private async meet(add: () => ReturnType<Queue<EventJob>['add']>): ReturnType<Queue<EventJob>['add']> {
    const fate = this.fates.shift();
    if (fate === undefined) return add();
    this.befell[fate] += 1;
    if (fate === 'held back') this.held.push(add);
    if (fate === 'twice') await Promise.all([add(), add()]);
    // The service makes no use of the job that it is given.
    return undefined as never;
  }
}
