// What was measured as a table, and into costs.json, where the capacity model reads it.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { table } from '../report.mjs';

const FILE = new URL('../costs.json', import.meta.url);

export function report(backEnd, costs) {
  table(
    `costs, queue and relay in ${backEnd === 'redis' ? 'Redis' : 'PostgreSQL'}`,
    Object.entries(costs).map(([cost, value]) => ({ cost, value })),
  );
  process.stdout.write(`${JSON.stringify({ row: 'costs', backEnd, ...costs })}\n`);
}

/** Puts what was measured in place of what stands there, and says when and where it was. */
export function write(measured) {
  const file = JSON.parse(readFileSync(FILE, 'utf8'));
  for (const [backEnd, costs] of Object.entries(measured))
    for (const [name, value] of Object.entries(costs)) {
      const entry = file.costs[name];
      if (!entry) throw new Error(`costs.json does not say what ${name} means`);
      entry[backEnd] = Number(value.toPrecision(3));
    }
  Object.assign(file.runs.costs, {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, ${cpus()[0].model}`,
    node: process.version,
  });
  writeFileSync(FILE, `${JSON.stringify(file, null, 2)}\n`);
}
