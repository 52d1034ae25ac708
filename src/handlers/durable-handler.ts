import { setTimeout as pause } from 'node:timers/promises';
import { type Job, Queue, type QueueOptions, UnrecoverableError, Worker } from 'bullmq';
import type { HandledEvent, HandledEventClass } from '../events/handled-events.js';
import type { QueueErrors } from '../events/queue-errors.js';
import { waitAfterErrors } from '../events/wait-after-errors.js';
import { Log } from '../log/log.js';
import { LogThrottle } from '../log/log-throttle.js';
import type { Metrics } from '../metrics/metrics.js';
import { failureOf } from './failure.js';
import type { DurablePlan } from './on-domain-event.decorator.js';

/** A worker renews the lock of what it works before this is over, in milliseconds. When it does not, its process is gone or hangs. */
const LOCK_DURATION = 20_000;
/** Jobs without a lock are looked for this often, in milliseconds, and begun anew when they are found twice. */
const STALLED_INTERVAL = 10_000;
const RETRY_DELAY = 1_000;
/** The wait after the first failure, in milliseconds; each further one is twice as long. */
const FIRST_BACKOFF = 1_000;
/** So many failed jobs of a handler stay to be looked at. */
const KEPT_FAILED = 10_000;
/** How long a node that stops waits for what its handlers do, in milliseconds. Others, or the next start, do it again. */
const LAST_WAIT = 5_000;

const STOPS = 'the node stops';

/** The same is told once in so many milliseconds. */
const SAY_AGAIN = 10_000;

/** An event on its way to a handler. */
export interface HandlerJob {
  /** Tells it from all other events: a job that is added twice is one job. */
  readonly id: string;
  /** What the event is made of. */
  readonly data: object;
}

/** What durable handlers share. */
export interface HandlerParts {
  /** The back end and the namespace of the queues. */
  readonly queueOptions: QueueOptions;
  readonly errors: QueueErrors;
  readonly metrics: Metrics;
}

/** A durable handler and its queue. */
export class DurableHandler {
  private readonly log = new Log(DurableHandler.name);
  private readonly failures = new LogThrottle(SAY_AGAIN);
  private readonly givenUp = new LogThrottle(SAY_AGAIN);
  /** The attempts that are under way, and what ends the wait for each of them. */
  private readonly underWay = new Set<{ readonly end: Promise<unknown>; readonly giveUp: (reason: Error) => void }>();
  private opened: Queue | null = null;
  private worker: Worker | null = null;
  private resting = false;

  constructor(
    readonly plan: DurablePlan,
    readonly eventClass: HandledEventClass,
    private readonly handle: (event: HandledEvent) => unknown,
    private readonly parts: HandlerParts,
  ) {}

  /** Its queue, which this node reaches from the first time on that it is asked for. */
  get queue(): Queue {
    const { connection, prefix } = this.parts.queueOptions;
    if (!this.opened) {
      this.opened = new Queue(this.queueName, {
        connection,
        ...(prefix !== undefined && { prefix }),
        defaultJobOptions: {
          removeOnComplete: true,
          removeOnFail: { count: KEPT_FAILED },
          attempts: this.plan.attempts,
          backoff: { type: 'exponential', delay: FIRST_BACKOFF },
        },
      });
      this.opened.on('error', (error) => this.parts.errors.say('queue.error', `The queue ${this.queueName}`, error));
    }
    return this.opened;
  }

  /** Adds events to its queue. One that is there already is not added again. */
  async add(jobs: readonly HandlerJob[]): Promise<void> {
    const { delay } = this.plan;
    const entries = jobs.map(({ id, data }) => ({ name: this.eventClass.name, data, opts: { jobId: id, delay } }));
    const [first] = entries;
    // On PostgreSQL BullMQ's `addBulk` makes two temporary tables each time.
    if (first && entries.length === 1) await this.queue.add(first.name, first.data, first.opts);
    else if (first) await this.queue.addBulk(entries);
  }

  /** Hands what comes into the queue to the handler, from now on. */
  work(): void {
    const { connection, prefix } = this.parts.queueOptions;
    const { concurrency, attempts } = this.plan;
    const { errors } = this.parts;
    this.worker = new Worker(this.queueName, (job) => this.process(job), {
      connection,
      ...(prefix !== undefined && { prefix }),
      concurrency,
      lockDuration: LOCK_DURATION,
      stalledInterval: STALLED_INTERVAL,
      // An attempt that ended with its process is one.
      maxStalledCount: attempts,
      runRetryDelay: RETRY_DELAY,
      autorun: false,
    });
    const say = (error: Error) => errors.say('queue.error', `The worker of ${this.queueName}`, error);
    this.worker.on('error', say);
    this.worker.on('failed', (job, error) => this.tell(error, (job?.attemptsMade ?? attempts) >= attempts));
    waitAfterErrors(this.worker, RETRY_DELAY);
    this.worker.run().catch(say);
  }

  /**
   * Begins nothing more, and waits for a while for what is under way. What has not ended by then counts as failed. The queue is not
   * asked for anything: one that is away would keep the node from stopping.
   */
  async rest(): Promise<void> {
    if (!this.worker) return;
    this.resting = true;
    await this.worker.pause(true);
    const ends = [...this.underWay].map(({ end }) => end);
    await Promise.race([Promise.allSettled(ends), pause(LAST_WAIT, undefined, { ref: false })]);
    this.giveUpAll();
  }

  async close(): Promise<void> {
    this.resting = true;
    this.giveUpAll();
    await this.worker?.close();
    // One that is away can't be taken leave of.
    await this.opened?.close().catch(() => undefined);
  }

  private get queueName(): string {
    return `handler-${this.plan.durable}`;
  }

  private async process(job: Job): Promise<void> {
    let outcome = 'failed';
    try {
      // One that its worker had asked for before it was paused may still come.
      if (this.resting) throw new Error(STOPS);
      // Each class makes its events of what the outbox has of them.
      const event = new this.eventClass(job.data as never);
      await this.withinTime(Promise.resolve().then(() => this.handle(event)));
      outcome = 'done';
    } catch (error) {
      throw failureOf(error);
    } finally {
      this.parts.metrics.handlerCalls.of({ handler: this.plan.durable, outcome }).add();
    }
  }

  private tell(error: Error, isLast: boolean): void {
    const { durable: handler } = this.plan;
    if (isLast || error instanceof UnrecoverableError) {
      if (this.givenUp.isDue())
        this.log.write('handler.gave-up', `The durable handler ${handler} gave up an event`, { error, handler });
    } else if (this.failures.isDue())
      this.log.write('handler.failed', `The durable handler ${handler} failed and is tried again`, { error, handler });
  }

  /** @throws Error when the handler does, when it takes too long, or when the node stops */
  private async withinTime(handling: Promise<unknown>): Promise<void> {
    const { timeout } = this.plan;
    let giveUp = (_reason: Error): void => undefined;
    const over = new Promise<never>((_resolve, reject) => (giveUp = reject));
    const timer = setTimeout(() => giveUp(new Error(`it did not end within ${timeout} ms`)), timeout);
    const attempt = { end: Promise.race([handling, over]), giveUp };
    this.underWay.add(attempt);
    try {
      await attempt.end;
    } finally {
      clearTimeout(timer);
      this.underWay.delete(attempt);
    }
  }

  private giveUpAll(): void {
    for (const { giveUp } of this.underWay) giveUp(new Error(STOPS));
  }
}
