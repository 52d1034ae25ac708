/** Remembers values by their keys; when there are too many, what was remembered first is forgotten. */
export class BoundedMemory<K, V> {
  private readonly values = new Map<K, V>();
  /** Goes on where it was: one that begins anew walks past all that was deleted, which takes microseconds. */
  private readonly oldest = this.values.keys();

  /** @param limit so many are remembered; by default what is enough for the log and for traces */
  constructor(private readonly limit = 10_000) {}

  get(key: K): V | undefined {
    return this.values.get(key);
  }

  remember(key: K, value: V): void {
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size > this.limit) this.values.delete(this.oldest.next().value as K);
  }

  forget(key: K): void {
    this.values.delete(key);
  }
}
