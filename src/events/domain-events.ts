import { EventEmitter } from 'node:events';
import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { NodeId } from '../config/node-id.js';
import { Log } from '../log/log.js';
import { Metrics } from '../metrics/metrics.js';
import { type Span, traced } from '../traces/tracing.js';
import { DeliveryConfirmed } from './delivery-confirmed.event.js';
import { EVENTS_QUEUE, type EventJob } from './events-queue.js';
import { Gathering } from './gathering.js';
import { GlobalMessagePushed } from './global-message-pushed.event.js';
import { MessagesPushed } from './messages-pushed.event.js';
import { carried } from './wake-up.js';

/** What can happen in the domain. */
export type DomainEvent = MessagesPushed | GlobalMessagePushed | DeliveryConfirmed;

type EventClass<E extends DomainEvent> = new (...args: never[]) => E;

/** A job costs the queue more than what is in it, so while events keep coming a job is added this often, in milliseconds. */
const WAKE_UP_WINDOW = 50;
/** The same for proofs: nobody waits for them, since the recipient has the message. */
const PROOF_WINDOW = 200;
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
  private readonly log = new Log(DomainEvents.name);
  private readonly listeners = new EventEmitter();
  // What is dropped because a queue is down for long, the reconciler makes up for.
  private readonly wakeUps = new Gathering<DomainEvent>(WAKE_UP_WINDOW, (events) => this.offer(events));
  private readonly proofs = new Gathering<DomainEvent>(PROOF_WINDOW, (events) => this.offer(events));
  /** The spans of what is being sent. */
  private readonly sendings = new WeakMap<DomainEvent, Span>();
  private down = false;
  /** Whether the queue's client still holds a job whose adding was given up. */
  private stuck = false;

  constructor(
    @InjectQueue(EVENTS_QUEUE) private readonly queue: Queue<EventJob>,
    private readonly node: NodeId,
    private readonly metrics: Metrics,
  ) {}

  /** @param sending a span that ends when the queue has the event, or is given up */
  publish(event: DomainEvent, sending?: Span): void {
    if (sending) this.sendings.set(event, sending);
    this.listeners.emit(event.constructor.name, event);
    (event instanceof DeliveryConfirmed ? this.proofs : this.wakeUps).add(event);
  }

  /** Calls `listener` for each event of the class that is published in this process, before `publish` returns. */
  on<E extends DomainEvent>(eventClass: EventClass<E>, listener: (event: E) => void): void {
    this.listeners.on(eventClass.name, listener);
  }

  /** Waits until what was published so far is on the queue, or given up. More may be published in the meantime. */
  async settle(): Promise<void> {
    await Promise.all([this.wakeUps.settle(), this.proofs.settle()]);
  }

  /** Before the queue is closed, which is in the next step; the last requests have been answered by now. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.settle();
  }

  /** Adds events to the queue, or gives them up. */
  private async offer(events: readonly DomainEvent[]): Promise<void> {
    try {
      await this.add(events);
      this.down = false;
      if (traced.by) this.endSendings(events);
    } catch (error) {
      if (traced.by) this.endSendings(events, error);
      this.metrics.eventsDropped.add(events.length);
      if (!this.down)
        this.log.write('queue.down', 'The queue takes no events; the reconciler stands in for it', { error });
      this.down = true;
    }
  }

  private endSendings(events: readonly DomainEvent[], failure?: unknown): void {
    for (const event of events) this.sendings.get(event)?.end(failure);
  }

  private async add(events: readonly DomainEvent[]): Promise<void> {
    // One is kept by a client that waits for its server to come back; a second and a thousandth would fill the memory.
    if (this.stuck) throw new Error('it has not taken the ones before');
    const jobs = [MessagesPushed, GlobalMessagePushed, DeliveryConfirmed].flatMap((eventClass) => {
      const ofClass = events.filter((event) => event instanceof eventClass);
      return ofClass.length === 0
        ? []
        : [{ name: eventClass.name, data: { node: this.node.text, events: ofClass.map(carried) } }];
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
