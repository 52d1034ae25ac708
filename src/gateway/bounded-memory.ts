/** So many things are remembered for the log or for traces; the oldest are forgotten. */
const MEMORY = 10_000;

/** Remembers something, and forgets what was remembered first when it is too much. */
export function remember<K, V>(memory: Map<K, V>, key: K, value: V): void {
  memory.delete(key);
  memory.set(key, value);
  if (memory.size <= MEMORY) return;
  for (const oldest of memory.keys()) {
    memory.delete(oldest);
    return;
  }
}
