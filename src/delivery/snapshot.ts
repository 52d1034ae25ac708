/**
 * What a statement of the database saw: every transaction before `xmin`, none from `xmax` on, and those between that
 * were not still open (PostgreSQL's `pg_snapshot`).
 *
 * A connection's snapshot is the exact answer to "what has it been given?". Ids can't answer it: a transaction with a
 * lower id may commit after a higher one was read.
 */
export class Snapshot {
  private constructor(
    readonly text: string,
    readonly xmin: number,
    private readonly xmax: number,
    private readonly open: readonly number[],
  ) {}

  /** Reads `pg_current_snapshot()::text`: `xmin:xmax:` and the open transactions, separated by commas. */
  static parse(text: string): Snapshot {
    const [xmin = '', xmax = '', open = ''] = text.split(':');
    return new Snapshot(text, Number(xmin), Number(xmax), open === '' ? [] : open.split(',').map(Number));
  }

  /** Whether the statement saw what this transaction wrote. */
  covers(txid: number): boolean {
    return txid < this.xmin || (txid < this.xmax && !this.open.includes(txid));
  }

  /** Whether the statement saw all that the other one saw. One that began later on the same server always did. */
  includes(other: Snapshot): boolean {
    return this === other || (this.xmax >= other.xmax && this.open.every((txid) => !other.covers(txid)));
  }
}
