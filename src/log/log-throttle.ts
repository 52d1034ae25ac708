/** Lets a line through at most once in `step` milliseconds: for lines that any caller could make a flood of. */
export class LogThrottle {
  private last = -Infinity;

  constructor(private readonly step: number) {}

  /** Whether a line is due now. Who is told so must write it. */
  isDue(): boolean {
    const now = performance.now();
    if (now - this.last < this.step) return false;
    this.last = now;
    return true;
  }
}
