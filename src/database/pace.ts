/**
 * Keeps what costs about as much for many as for one from being done for few, again and again, when many come: it is begun at
 * most once in `step` milliseconds. Who comes after a quiet time does not wait.
 */
export class Pace {
  private last = -Infinity;

  constructor(private readonly step: number) {}

  /** Resolves when it is time to begin. One at a time may wait. */
  async turn(): Promise<void> {
    const rest = this.last + this.step - performance.now();
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    this.last = performance.now();
  }
}
