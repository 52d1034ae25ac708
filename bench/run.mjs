// `npm run bench [-- row ...]`: runs the rows named, or all of them.
import { readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const rows = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.bench.mjs'))
  .map((name) => name.replace('.bench.mjs', ''));
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : rows;
for (const row of wanted) {
  if (!rows.includes(row)) {
    process.stderr.write(`There is no row "${row}". There are: ${rows.join(', ')}.\n`);
    process.exit(1);
  }
  const { status } = spawnSync(process.execPath, [`bench/${row}.bench.mjs`], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
