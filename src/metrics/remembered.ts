/**
 * An answer that is remembered: it is asked for once in `interval` milliseconds at most, however many want to know, and not again before
 * the last question was answered.
 */
export function remembered<T>(interval: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  let askedAt = -Infinity;
  let isUnderWay = false;
  return () => {
    const now = performance.now();
    if (answer !== null && (isUnderWay || now - askedAt < interval)) return answer;
    askedAt = now;
    isUnderWay = true;
    answer = ask().finally(() => (isUnderWay = false));
    return answer;
  };
}
