// The measured and reckoned costs, by name.
import { readFileSync } from 'node:fs';

export const FILE = JSON.parse(readFileSync(new URL('../costs.json', import.meta.url), 'utf8'));

/** Looks up costs as they are with the queue and the relay in `backEnd`: `postgres` or `redis`. */
export function costsOf(backEnd) {
  return (name) => {
    const entry = FILE.costs[name];
    const value = entry?.[backEnd] ?? entry?.value ?? entry?.postgres;
    if (value === undefined) throw new Error(`costs.json has no ${name}`);
    return value;
  };
}
