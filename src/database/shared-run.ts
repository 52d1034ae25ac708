import { Pace } from './pace.js';

/**
 * Something that is done for all who ask for it: once at a time, and for each of them by a run that begins after they asked.
 * Those who ask while one is under way share the next.
 */
export class SharedRun<T> {
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<T> | null = null;

  private readonly pace: Pace;

  /**
   * @param work does it
   * @param step runs begin at least so many milliseconds apart
   */
  constructor(
    private readonly work: () => Promise<T>,
    step = 0,
  ) {
    this.pace = new Pace(step);
  }

  /** Gives what the run gives. A run that fails fails for those who asked for it, and the next one begins all the same. */
  ask(): Promise<T> {
    this.next ??= this.settled().then(async () => {
      await this.pace.turn();
      this.next = null;
      const run = this.work();
      this.running = run;
      return run;
    });
    return this.next;
  }

  /** Waits until none is under way. It does not fail. */
  async settled(): Promise<void> {
    await this.running.catch(() => undefined);
  }
}
