import type { Writable } from 'node:stream';

/** The streams whose errors are heard. */
const heard = new WeakSet<Writable>();

/**
 * Standard output, or standard error, for lines that must neither be lost nor harm what is going on. A line is handed to the
 * system before `write` returns, so that a process that is killed a moment later has said it. When nobody takes them, lines wait
 * in memory up to a limit, and are dropped and counted beyond: a reader that hangs, a full disk or a broken pipe stops nothing.
 */
export class Output {
  private dropped = 0;

  /**
   * @param stream what Node makes of a pipe writes at once and does not block
   * @param limit the bytes that may wait
   * @param told makes the line that tells how many were dropped
   */
  constructor(
    private readonly stream: Writable,
    private readonly limit: number,
    private readonly told: (dropped: number) => string,
  ) {
    // Unheard, the event of a pipe whose reader is gone would end the process.
    if (!heard.has(stream)) stream.on('error', () => undefined);
    heard.add(stream);
  }

  write(line: string): void {
    if (this.stream.writableLength >= this.limit) {
      if (this.dropped === 0) this.stream.once('drain', () => this.tell());
      this.dropped += 1;
      return;
    }
    this.tell();
    this.put(line);
  }

  /** Resolves when everything that was written has left this process, or after so many milliseconds. */
  async flush(patience: number): Promise<void> {
    const end = performance.now() + patience;
    while (this.stream.writableLength > 0 && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  private tell(): void {
    if (this.dropped === 0) return;
    const { dropped } = this;
    this.dropped = 0;
    this.put(this.told(dropped));
  }

  private put(line: string): void {
    try {
      this.stream.write(line);
    } catch {
      // A file on a disk that is full throws at once.
      this.dropped += 1;
    }
  }
}
