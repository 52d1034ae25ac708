import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { NodeId } from '../config/node-id.js';
import { DeliveryConfirmed } from './delivery-confirmed.event.js';
import { EVENTS_QUEUE, type EventJob } from './events-queue.js';
import { GlobalMessagePushed } from './global-message-pushed.event.js';
import { MessagesPushed } from './messages-pushed.event.js';

/** What can happen in the domain. */
export type DomainEvent = MessagesPushed | GlobalMessagePushed | DeliveryConfirmed;

type EventClass<E extends DomainEvent> = new (...args: never[]) => E;

/** More than this waits for a queue that is down, and the oldest are dropped: the reconciler makes up for them. */
const BUFFER_LIMIT = 10_000;
/** A job costs the queue more than what is in it, so while events keep coming a job is added this often, in milliseconds. */
const WINDOW = 50;
/** A queue that does not take a job in this time, in milliseconds, counts as down. */
const ADD_TIMEOUT = 5_000;

/**
 * Carries domain events: at once to listeners in this process, and by the BullMQ queue to the processor, on whichever
 * node it runs. Nobody waits for the queue: what arrives while a job is being added shares the next one.
 *
 * Events are wake-ups. One that is lost, doubled or late costs time, never a message.
 */
@Injectable()
export class DomainEvents implements BeforeApplicationShutdown {
  private readonly logger = new Logger(DomainEvents.name);
  private readonly listeners = new EventEmitter();
  private readonly buffer: DomainEvent[] = [];
  private isFlushing = false;
  /** The adding that is under way. */
  private adding: Promise<void> = Promise.resolve();
  private down = false;
  /** Whether the queue's client still holds a job whose adding was given up. */
  private stuck = false;

  constructor(
    @InjectQueue(EVENTS_QUEUE) private readonly queue: Queue<EventJob>,
    private readonly node: NodeId,
  ) {}

  publish(event: DomainEvent): void {
    this.listeners.emit(event.constructor.name, event);
    if (this.buffer.length >= BUFFER_LIMIT) this.buffer.shift();
    this.buffer.push(event);
    if (!this.isFlushing) void this.flush();
  }

  /** Calls `listener` for each event of the class that is published in this process, before `publish` returns. */
  on<E extends DomainEvent>(eventClass: EventClass<E>, listener: (event: E) => void): void {
    this.listeners.on(eventClass.name, listener);
  }

  /** Waits until what was published so far is on the queue, or given up. More may be published in the meantime. */
  async settle(): Promise<void> {
    await Promise.all([this.adding, this.offer(this.buffer.splice(0))]);
  }

  /** Before the queue is closed, which is in the next step; the last requests have been answered by now. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.settle();
  }

  private async flush(): Promise<void> {
    this.isFlushing = true;
    // Lets everything that happens in this turn of the event loop share the first job.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.buffer.length > 0) {
      const next = pause(WINDOW);
      this.adding = this.offer(this.buffer.splice(0));
      await this.adding;
      await next;
    }
    this.isFlushing = false;
  }

  /** Adds events to the queue, or gives them up. */
  private async offer(events: readonly DomainEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      await this.add(events);
      this.down = false;
    } catch (error) {
      if (!this.down)
        this.logger.warn(`The queue takes no events; the reconciler stands in for it: ${(error as Error).message}`);
      this.down = true;
    }
  }

  private async add(events: readonly DomainEvent[]): Promise<void> {
    // One is kept by a client that waits for its server to come back; a second and a thousandth would fill the memory.
    if (this.stuck) throw new Error('it has not taken the ones before');
    const jobs = [MessagesPushed, GlobalMessagePushed, DeliveryConfirmed].flatMap((eventClass) => {
      const ofClass = events.filter((event) => event instanceof eventClass);
      return ofClass.length === 0 ? [] : [{ name: eventClass.name, data: { node: this.node.text, events: ofClass } }];
    });
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.stuck = true;
        reject(new Error(`no answer in ${ADD_TIMEOUT} ms`));
      }, ADD_TIMEOUT);
    });
    // One by one: on PostgreSQL BullMQ's `addBulk` makes two temporary tables each time, and takes three times as long.
    const added = Promise.all(jobs.map(({ name, data }) => this.queue.add(name, data))).finally(
      () => (this.stuck = false),
    );
    added.catch(() => undefined);
    await Promise.race([added, timeout]).finally(() => clearTimeout(timer));
  }
}
