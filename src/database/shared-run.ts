/**
 * Something that is done for all who ask for it: once at a time, and for each of them by a run that begins after they asked.
 * Those who ask while one is under way share the next.
 */
export class SharedRun<T> {
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<T> | null = null;

  /** @param work does it */
  constructor(private readonly work: () => Promise<T>) {}

  /** Gives what the run gives. A run that fails fails for those who asked for it, and the next one begins all the same. */
  ask(): Promise<T> {
    this.next ??= this.settled().then(() => {
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
