import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Queue, QueueOptions } from 'bullmq';
import { Settings } from '../config/config.module.js';
import { EVENTS_QUEUE } from '../events/events-queue.js';
import { type HandledEvent, HandledEvents } from '../events/handled-events.js';
import { QueueErrors } from '../events/queue-errors.js';
import { RecipientConnected } from '../events/recipient-connected.event.js';
import { RecipientDisconnected } from '../events/recipient-disconnected.event.js';
import { Metrics } from '../metrics/metrics.js';
import { DurableHandler } from './durable-handler.js';
import { LiveHandler } from './live-handler.js';
import type { Handling } from './on-domain-event.decorator.js';
import { OutboxRepository } from './outbox.repository.js';

/** These are true of a process alone: no statement makes them so. */
const UNSTORED: readonly Handling['eventClass'][] = [RecipientConnected, RecipientDisconnected];

/** Connections to PostgreSQL at most that a queue has, and as many that its worker has. */
const POOL_SIZE = 2;

/** The handlers of this process. */
@Injectable()
export class Handlers implements OnApplicationBootstrap {
  private hasStarted = false;
  private readonly durables = new Map<string, DurableHandler>();

  constructor(
    private readonly settings: Settings,
    private readonly handled: HandledEvents,
    private readonly outbox: OutboxRepository,
    private readonly metrics: Metrics,
    private readonly errors: QueueErrors,
    @InjectQueue(EVENTS_QUEUE) private readonly events: Queue,
  ) {}

  onApplicationBootstrap(): void {
    this.hasStarted = true;
  }

  /** The durable ones. */
  get durable(): readonly DurableHandler[] {
    return [...this.durables.values()];
  }

  /**
   * Lets `handle` handle what the handling says, before the service starts.
   * @param name who that is, for the log and the metrics
   * @throws Error when there is a durable handler of this name, or it is too late
   */
  add(name: string, { eventClass, durable }: Handling, handle: (event: HandledEvent) => unknown): void {
    // What happened before would have passed it by.
    if (this.hasStarted) throw new Error(`${name} can't handle events: the service has started.`);
    if (!durable) {
      const live = new LiveHandler(name, handle, this.metrics);
      this.handled.listen(eventClass, (event) => live.take(event));
      return;
    }
    if (this.durables.has(durable.durable))
      throw new Error(`There are two durable handlers "${durable.durable}". ${name} needs another name.`);
    const isFirst = !this.durable.some((other) => other.eventClass === eventClass);
    const parts = { queueOptions: this.queueOptions, errors: this.errors, metrics: this.metrics };
    this.durables.set(durable.durable, new DurableHandler(durable, eventClass, handle, parts));
    if (!UNSTORED.includes(eventClass)) this.handled.keep(eventClass);
    else if (isFirst) this.handled.listen(eventClass, (event) => this.outbox.put(event));
  }

  /** Where the queue of the service's own events is, too. */
  private get queueOptions(): QueueOptions {
    const { opts } = this.events;
    if (this.settings.redisUrl !== null) return opts;
    return { ...opts, connection: { ...opts.connection, max: POOL_SIZE } };
  }
}
