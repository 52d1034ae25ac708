import { Pace } from './pace.js';

/**
 * What waits for a statement, of which there is one at a time. While it runs, more gathers for the next one, so that a busy
 * node needs few statements, and a quiet one makes nobody wait.
 */
export class Lane<T> {
  private readonly waiting: T[] = [];
  private readonly pace: Pace;
  private isRunning = false;

  /**
   * @param take removes what the next statement is for from the front of those that wait: one at least
   * @param run makes the statement; the next one waits until this resolves, and it must not reject
   * @param step statements begin at least so many milliseconds apart
   */
  constructor(
    private readonly take: (waiting: T[]) => readonly T[],
    private readonly run: (batch: readonly T[]) => Promise<void>,
    step = 0,
  ) {
    this.pace = new Pace(step);
  }

  add(one: T): void {
    this.waiting.push(one);
    if (this.isRunning) return;
    this.isRunning = true;
    // What else comes in this turn of the event loop shares the first statement.
    setImmediate(() => void this.runAll());
  }

  private async runAll(): Promise<void> {
    while (this.waiting.length > 0) {
      await this.pace.turn();
      await this.run(this.take(this.waiting));
    }
    this.isRunning = false;
  }
}
