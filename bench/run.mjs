// `npm run bench [-- row ...] [--option ...]`: runs the rows named, or all of them, and gives each the options.
import { readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const rows = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.bench.mjs'))
  .map((name) => name.replace('.bench.mjs', ''));
const args = process.argv.slice(2);
const firstOption = args.findIndex((arg) => arg.startsWith('--'));
const named = firstOption === -1 ? args : args.slice(0, firstOption);
const options = firstOption === -1 ? [] : args.slice(firstOption);
for (const row of named.length > 0 ? named : rows) {
  if (!rows.includes(row)) {
    process.stderr.write(`There is no row "${row}". There are: ${rows.join(', ')}.\n`);
    process.exit(1);
  }
  const { status } = spawnSync(process.execPath, [`bench/${row}.bench.mjs`, ...options], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
