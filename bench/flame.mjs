// `node bench/flame.mjs <file.cpuprofile> <out.svg> [title]`: draws a profile that Node's `--cpu-prof` wrote as a flame graph, and prints
// whose code the time went to. `PROFILE=folder npm run bench -- <row>` writes one. Idle time is left out, and so is the loading of modules,
// which is over when the measuring begins.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { drawFlames } from './flame/drawing.mjs';
import { ORIGINS } from './flame/origins.mjs';
import { readTree } from './flame/tree.mjs';
import { table } from './report.mjs';

const [file, out, title = basename(file ?? '', '.cpuprofile')] = process.argv.slice(2);
if (!out) {
  process.stderr.write('node bench/flame.mjs <file.cpuprofile> <out.svg> [title]\n');
  process.exit(1);
}
const { root, own, idle, loading } = readTree(JSON.parse(readFileSync(file, 'utf8')));
writeFileSync(out, drawFlames(root, title));

const milliseconds = (microseconds) => Math.round(microseconds / 1_000);
table(
  `${title}: self time by origin; left out are ${milliseconds(idle)} ms idle and ${milliseconds(loading)} ms of loading modules`,
  Object.entries(ORIGINS)
    .map(([origin, { label }]) => ({ origin: label, time: own[origin] ?? 0 }))
    .sort((a, b) => b.time - a.time)
    .map(({ origin, time }) => ({ origin, ms: milliseconds(time), '%': (100 * time) / root.time })),
);
