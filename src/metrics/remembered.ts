/** An answer that is remembered: it is asked for once in `interval` milliseconds at most, however many want to know. */
export function remembered<T>(interval: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  let askedAt = -Infinity;
  return () => {
    const now = performance.now();
    if (answer === null || now - askedAt >= interval) {
      askedAt = now;
      answer = ask();
    }
    return answer;
  };
}
