// The latency of pushes, alone and beside something.
import { setTimeout as pause } from 'node:timers/promises';
import { json, percentile, table } from './report.mjs';

/**
 * Pushes a short message to one of 50 connected recipients, `rate` times a second, for as long as `work` takes; gives the
 * times from the mutation's request to the frame, in milliseconds.
 */
export async function measureLatency(service, rate, work) {
  const sent = new Map();
  const latencies = [];
  const names = Array.from({ length: 50 }, (_, i) => `prompt-${i}-${Math.random()}`);
  for (const name of names)
    await service.listen(name, (text) => {
      latencies.push(performance.now() - sent.get(text));
      sent.delete(text);
    });
  const done = new AbortController();
  const worked = work().finally(() => done.abort());
  const pushes = [];
  for (let i = 0; !done.signal.aborted; i += 1) {
    const text = `${i} ${names[i % names.length]}`;
    sent.set(text, performance.now());
    pushes.push(service.push(names[i % names.length], text));
    await Promise.race([worked, pause(1_000 / rate)]);
  }
  await worked;
  await Promise.all(pushes);
  while (sent.size > 0) await pause(5);
  return { count: latencies.length, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

/** Prints latencies without and with something beside them, and a line of JSON that says more of the run. */
export function reportLatency(row, work, { alone, beside, goal }, more) {
  const ratio = { p50: beside.p50 / alone.p50, p99: beside.p99 / alone.p99 };
  table(`${row}: ${work}`, [
    { latency: 'without, ms', ...alone },
    { latency: 'with, ms', ...beside },
    { latency: 'ratio', ...ratio },
  ]);
  json(row, { p50Ratio: ratio.p50, p99Ratio: ratio.p99, goal, ...more });
}
