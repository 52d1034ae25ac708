// What a row prints.
import { cpus } from 'node:os';

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(values) {
  return percentile(values, 0.5);
}

/** Prints rows of numbers. */
export function table(title, rows) {
  process.stdout.write(`\n${title}\n`);
  console.table(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? short(value) : value]),
      ),
    ),
  );
}

function short(value) {
  return Number(value.toFixed(Math.abs(value) < 10 ? 3 : 0));
}

/**
 * Measures so many rounds as `ROUNDS` says, 3 unless told, behind one that warms all up.
 * @param measure gets the number of the round, which is 0 for the first
 */
export async function measureRounds(measure) {
  const rounds = [];
  for (let round = 0; round <= Number(process.env.ROUNDS ?? 3); round += 1) rounds.push(await measure(round));
  return rounds.slice(1);
}

/**
 * Prints the rounds of a row, the medians of their figures and how far these are apart, and a line of JSON for machines.
 * @param goals for some of the figures what their medians should be: `{ ratio: { most: 1.5 } }` or `{ ratio: { least: 0.3 } }`
 */
export function report(row, work, rounds, goals = {}) {
  const figures = Object.keys(rounds[0]);
  const of = (choose) =>
    Object.fromEntries(figures.map((figure) => [figure, choose(rounds.map((round) => round[figure]))]));
  const medians = of(median);
  const [least, most] = [of((values) => Math.min(...values)), of((values) => Math.max(...values))];
  table(`${row}: ${work}`, [
    ...rounds.map((round, i) => ({ '': `round ${i + 1}`, ...round })),
    { '': 'median', ...medians },
    { '': 'spread', ...of((values) => `${short(Math.min(...values))} to ${short(Math.max(...values))}`) },
  ]);
  const met = Object.entries(goals).every(
    ([figure, goal]) => medians[figure] >= (goal.least ?? -Infinity) && medians[figure] <= (goal.most ?? Infinity),
  );
  json(row, { ...medians, least, most, goals, met });
}

/** Prints a line of JSON for machines: the figures to three digits, and what they were measured on. */
export function json(row, result) {
  const line = {
    row,
    queue: process.env.REDIS === '1' ? 'redis' : 'postgres',
    ...result,
    node: process.version,
    cpu: cpus()[0].model,
    cores: cpus().length,
  };
  process.stdout.write(
    `${JSON.stringify(line, (_key, value) => (typeof value === 'number' ? Number(value.toPrecision(3)) : value))}\n`,
  );
}
