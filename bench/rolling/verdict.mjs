// What the row `rolling` found, and whether the goals were met.
import { json, percentile, table } from '../report.mjs';

const LONGEST_GAP = 5_000;
/** The peak of any second may be so many times the pace. A client that met a node which was leaving comes back a little later, beside others. */
const TOLERANCE = 1.5;
const SECOND = 1_000;
const RESTART = 1_012;

/** Prints a table and a line of JSON; gives whether all goals were met. */
export function judge(run) {
  const closings = run.seen.flatMap((part) => part.closings);
  const openings = run.seen.flatMap((part) => part.openings);
  const came = new Map(run.seen.flatMap((part) => part.seen));
  const { acknowledged, globals, retried, failed } = run.backends;
  const latencies = (from, to) =>
    acknowledged
      .filter(({ text, sent }) => sent >= from && sent < to && came.has(text))
      .map(({ text, sent }) => came.get(text) - sent);

  const rolls = run.rolls.map(({ began, stopped, ended, code }) => {
    const during = ({ at }) => at >= began && at < ended;
    const moved = closings.filter((closing) => during(closing) && closing.code === RESTART);
    const back = openings.filter(during);
    const pushed = latencies(began, ended);
    return {
      connections: moved.length,
      'pace/s': moved.length / run.drainSeconds,
      'closed, peak/s': busiestSecond(moved.map(({ at }) => at)),
      'opened, peak/s': busiestSecond(back.map(({ at }) => at)),
      'longest gap, ms': Math.max(0, ...back.map(({ gap }) => gap)),
      'p50, ms': percentile(pushed, 0.5),
      'p99, ms': percentile(pushed, 0.99),
      'max, ms': Math.max(...pushed),
      'stop, s': (stopped - began) / SECOND,
      exit: code,
    };
  });
  const lost = acknowledged.filter(({ text }) => !came.has(text));
  const unreached =
    globals.length * run.recipients - run.seen.flatMap((part) => part.reach).reduce((sum, [, n]) => sum + n, 0);
  const notStored = run.stored.pending.length + globals.length * run.recipients - run.stored.proven;
  const goals = {
    'no push fails': failed.length === 0,
    'nothing is lost': lost.length === 0 && unreached === 0,
    'all is DELIVERED': notStored === 0,
    'no gap is longer than 5 s': rolls.every((roll) => roll['longest gap, ms'] <= LONGEST_GAP),
    'the pace is kept': rolls.every((roll) => roll['opened, peak/s'] <= TOLERANCE * roll['pace/s']),
    'each node stops in order': rolls.every(({ exit }) => exit === 0),
  };
  table('rolling: restarts of three nodes, one after the other', rolls);
  const refusals = total(run.seen.map((part) => part.refusals));
  const loads = Object.entries({
    ...run.loads,
    ...Object.fromEntries(run.seen.map(({ load }, i) => [`recipients ${i + 1}`, load])),
  });
  table(
    'the processes of the load',
    loads.map(([name, { busy, late }]) => ({ name, busy, 'late at p99, ms': late })),
  );
  for (const { at, why } of failed.slice(0, 10))
    process.stdout.write(`failed at ${new Date(at).toISOString()}: ${why}\n`);
  for (const { text } of lost.slice(0, 10)) process.stdout.write(`lost: ${text}\n`);
  json('rolling', {
    ...run.setup,
    recipients: run.recipients,
    pushes: acknowledged.length,
    globals: globals.length,
    failed: failed.length,
    retried: retried.length,
    lost: lost.length,
    unreached,
    notStored,
    repeats: run.seen.reduce((sum, { repeats }) => sum + repeats, 0),
    refusals,
    closings: total(closings.map(({ code }) => ({ [code]: 1 }))),
    before: percentile(latencies(0, run.rolls[0].began), 0.99),
    after: percentile(latencies(run.rolls.at(-1).ended, Infinity), 0.99),
    rolls,
    goals,
  });
  return Object.values(goals).every(Boolean);
}

/** The most moments that lie in any one second. */
function busiestSecond(moments) {
  const sorted = moments.toSorted((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last += 1) {
    while (sorted[last] - sorted[first] >= SECOND) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function total(counts) {
  const sums = {};
  for (const each of counts) for (const [key, count] of Object.entries(each)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}
