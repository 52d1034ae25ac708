import type { HandledEvent } from '../events/handled-events.js';
import { Log } from '../log/log.js';
import { LogThrottle } from '../log/log-throttle.js';
import type { Metrics } from '../metrics/metrics.js';

/** So many calls of a handler run at the same time. One that never ends takes one of them. */
const RUNNING = 100;
/** So many messages and connections that events tell of wait for it; what comes beyond is dropped. */
const WAITING = 10_000;
/** The same is told once in so many milliseconds. */
const SAY_AGAIN = 10_000;

/**
 * Calls a live handler: never within the turn of the event loop in which something happened, and never more of it at once than is
 * good for the process. Nobody waits for it.
 */
export class LiveHandler {
  private readonly log = new Log(LiveHandler.name);
  private readonly failures = new LogThrottle(SAY_AGAIN);
  private readonly drops = new LogThrottle(SAY_AGAIN);
  private readonly waiting: HandledEvent[] = [];
  private weight = 0;
  private running = 0;
  private isDue = false;

  /** @param name the class and the method, for the log and the metrics */
  constructor(
    private readonly name: string,
    private readonly handle: (event: HandledEvent) => unknown,
    private readonly metrics: Metrics,
  ) {}

  /** Has the event handled in a while, or drops it. */
  take(event: HandledEvent): void {
    if (this.weight >= WAITING) return this.drop();
    this.weight += weightOf(event);
    this.waiting.push(event);
    this.goOn();
  }

  private goOn(): void {
    if (this.isDue || this.waiting.length === 0 || this.running >= RUNNING) return;
    this.isDue = true;
    setImmediate(() => {
      this.isDue = false;
      for (const event of this.waiting.splice(0, RUNNING - this.running)) void this.call(event);
      this.goOn();
    });
  }

  private async call(event: HandledEvent): Promise<void> {
    this.weight -= weightOf(event);
    this.running += 1;
    let outcome = 'failed';
    try {
      await this.handle(event);
      outcome = 'done';
    } catch (error) {
      if (this.failures.isDue())
        this.log.write('handler.failed', `The live handler ${this.name} failed`, { error, handler: this.name });
    }
    this.running -= 1;
    this.metrics.handlerCalls.of({ handler: this.name, outcome }).add();
    this.goOn();
  }

  private drop(): void {
    this.metrics.handlerCalls.of({ handler: this.name, outcome: 'dropped' }).add();
    if (this.drops.isDue())
      this.log.write('handler.overrun', `The live handler ${this.name} is too slow, and misses events`, {
        handler: this.name,
      });
  }
}

/** A push may be to thousands. */
function weightOf(event: HandledEvent): number {
  return 'ids' in event ? Math.max(1, event.ids.length) : 1;
}
