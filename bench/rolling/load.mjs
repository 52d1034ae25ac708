// How busy a process of the load is: if it is the one that is late, the figures are its own and not the service's.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** Begins to measure; gives a function that tells how busy the event loop was since, and how late at its 99th percentile. */
export function watchLoad() {
  const before = performance.eventLoopUtilization();
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  return () => ({
    busy: performance.eventLoopUtilization(before).utilization,
    // It wakes every 10 ms; what is beyond is lateness.
    late: Math.max(0, delay.percentile(99) / 1e6 - 10),
  });
}

/** Tells the parent, when it asks. */
export function answerLoad() {
  const load = watchLoad();
  process.on('message', ({ order }) => {
    if (order === 'load') process.send({ load: load() });
  });
}
