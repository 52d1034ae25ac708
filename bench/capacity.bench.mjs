// capacity: what an installation needs for a load, and what of it breaks first. It measures nothing: it reckons from costs.json.
// `npm run bench -- capacity --help` lists the options.
import { loadFrom, OPTIONS } from './capacity/load.mjs';
import { ASSUMED } from './capacity/limits.mjs';
import { plan } from './capacity/plan.mjs';
import { breaking, lines } from './capacity/print.mjs';

const args = process.argv.slice(2);
if (args.includes('--help')) {
  for (const [name, [value, meaning]] of Object.entries(OPTIONS)) say(`--${name}`.padEnd(22), `${meaning} (${value})`);
  process.exit();
}
const load = loadFrom(args);
const needed = plan(load);
say('It needs:');
for (const [what, much] of lines(load, needed)) say(`  ${what.padEnd(56)} ${much}`);
say('Of what there is one, the first to break first (needed, assumed or measured to be there, used):');
for (const [part, ...numbers] of breaking(load, needed))
  say(`  ${part.padEnd(32)}`, ...numbers.map((each) => each.padStart(12)));
say(
  'Assumed, not measured:',
  Object.values(ASSUMED)
    .map(([, meaning]) => meaning)
    .join('; '),
);

function say(...words) {
  process.stdout.write(`${words.join(' ')}\n`);
}
