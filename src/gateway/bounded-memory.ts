/** So many things are remembered for the log or for traces. */
const MEMORY = 10_000;

/** Remembers values by their keys; when it is too much, what was remembered first is forgotten. */
export class BoundedMemory<K, V> {
  private readonly values = new Map<K, V>();
  /** Goes on where it was: one that begins anew walks past all that was deleted, which takes microseconds. */
  private readonly oldest = this.values.keys();

  get(key: K): V | undefined {
    return this.values.get(key);
  }

  remember(key: K, value: V): void {
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size > MEMORY) this.values.delete(this.oldest.next().value as K);
  }

  forget(key: K): void {
    this.values.delete(key);
  }
}
