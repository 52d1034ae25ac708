import { setTimeout as pause } from 'node:timers/promises';

/** More than this waits, and the oldest is dropped. */
const LIMIT = 10_000;

/** What is handed on together: at once what comes after a rest, and what keeps coming once in a window. */
export class Gathering<T> {
  private readonly waiting: T[] = [];
  private isRunning = false;
  /** The handing on that is under way. */
  private handing: Promise<void> = Promise.resolve();

  /**
   * @param window how long what comes meanwhile is gathered, in milliseconds
   * @param hand takes what was gathered, and must not reject
   */
  constructor(
    private readonly window: number,
    private readonly hand: (gathered: readonly T[]) => Promise<void>,
  ) {}

  add(one: T): void {
    if (this.waiting.length >= LIMIT) this.waiting.shift();
    this.waiting.push(one);
    if (!this.isRunning) void this.run();
  }

  /** Hands on what has come so far, and waits for it. More may come in the meantime. */
  async settle(): Promise<void> {
    await Promise.all([this.handing, this.handOn()]);
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    // What happens in this turn of the event loop goes together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const next = pause(this.window);
      this.handing = this.handOn();
      await this.handing;
      await next;
    }
    this.isRunning = false;
  }

  private async handOn(): Promise<void> {
    const gathered = this.waiting.splice(0);
    if (gathered.length > 0) await this.hand(gathered);
  }
}
