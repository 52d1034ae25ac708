// The other side of `ChildOrders`: a process that does what its parent tells it, and ends with it.
import { performance } from 'node:perf_hooks';

/** Answers each order by what the function of its name gives. Every such process can tell its `load`, too. */
export function answerOrders(orders) {
  let asked = performance.eventLoopUtilization();
  const all = {
    ...orders,
    /** The share of the time since it was last asked in which it was busy. */
    load() {
      const before = asked;
      asked = performance.eventLoopUtilization();
      return performance.eventLoopUtilization(asked, before).utilization;
    },
  };
  process.on('message', async ({ id, order, ...details }) => {
    const answer = await all[order](details);
    process.send({ id, answer: answer ?? null });
  });
  process.once('disconnect', () => process.exit());
}
