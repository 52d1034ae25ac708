/** How many there are under each name. A name that has none takes no room. */
export class Counts {
  private readonly counts = new Map<string, number>();

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  /** Adds to the number under a name, and gives it. */
  add(name: string, change: 1 | -1): number {
    const count = this.of(name) + change;
    if (count > 0) this.counts.set(name, count);
    else this.counts.delete(name);
    return count;
  }
}
