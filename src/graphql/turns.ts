interface Waiting {
  readonly since: number;
  readonly begin: () => void;
  readonly giveUp: (error: Error) => void;
}

/** How many may work and wait, and what those are told who can't. */
export interface TurnsOptions {
  /** The most that work at the same time, of different tenants. */
  readonly atOnce: number;
  /** The most of one tenant that wait. */
  readonly waiting: number;
  /** How long one waits, in milliseconds: whoever asked may be gone. */
  readonly patience: number;
  /** What one too many is refused with. */
  readonly tooMany: () => Error;
  /** What one that waited too long is sent away with. */
  readonly late: () => Error;
}

/** A line for work of which each tenant does one at a time, and tenants take turns. */
export class Turns {
  /** Who waits, by tenant; the tenant whose turn is next stands first. */
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly busy = new Set<string>();

  constructor(private readonly options: TurnsOptions) {}

  /** Resolves when it is the tenant's turn, which lasts until `end`. @throws what the options say, when too many wait, or it waited too long */
  async take(tenant: string): Promise<void> {
    if (!this.busy.has(tenant) && this.busy.size < this.options.atOnce) {
      this.busy.add(tenant);
      return;
    }
    const line = this.waiting.get(tenant) ?? [];
    if (line.length >= this.options.waiting) throw this.options.tooMany();
    this.waiting.set(tenant, line);
    await new Promise<void>((begin, giveUp) => line.push({ since: performance.now(), begin, giveUp }));
  }

  /** Ends the tenant's turn. */
  end(tenant: string): void {
    this.busy.delete(tenant);
    for (const [next, line] of this.waiting) {
      if (this.busy.size >= this.options.atOnce) return;
      if (this.busy.has(next)) continue;
      // Behind the others for the next time.
      this.waiting.delete(next);
      const first = this.dropLate(line);
      if (!first) continue;
      if (line.length > 0) this.waiting.set(next, line);
      this.busy.add(next);
      first.begin();
    }
  }

  /** Takes the first from the line that has not waited too long, and sends away those before it. */
  private dropLate(line: Waiting[]): Waiting | undefined {
    const end = performance.now() - this.options.patience;
    for (let one = line.shift(); one; one = line.shift()) {
      if (one.since > end) return one;
      one.giveUp(this.options.late());
    }
    return undefined;
  }
}
