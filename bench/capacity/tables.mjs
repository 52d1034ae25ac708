// The tables of docs/scaling.md, written by `npm run docs`: plans of four sizes, what of them breaks first, and the costs.
import { FILE } from './costs.mjs';
import { loadFrom } from './load.mjs';
import { plan } from './plan.mjs';
import { breaking, bytes, count, lines } from './print.mjs';

/** The options of each plan that is shown. */
export const PLANS = [
  '--connections 10000 --messages 50 --database-cores 2 --redis no',
  '--connections 100000 --messages 500 --database-cores 4',
  '--connections 1000000 --messages 5000 --database-cores 16',
  '--connections 10000000 --messages 50000 --database-cores 64',
];

const planned = () => PLANS.map((options) => ({ options, load: loadFrom(options.split(' ')) }));
const title = ({ load }) => `${count(load.connections)} connections, ${count(load.messages)} messages/s`;
const noBreak = (text) => text.replaceAll('|', '\\|');

/** What each plan needs. */
export function plansTable() {
  const plans = planned().map(({ load }) => new Map(lines(load, plan(load))));
  const names = [...new Set(plans.flatMap((each) => [...each.keys()]))];
  return table(
    ['', ...planned().map(title)],
    names.map((name) => [name, ...plans.map((each) => each.get(name) ?? '')]),
  );
}

/** The three parts of each plan that are used most, of those of which there is one. */
export function breakingTable() {
  return table(
    ['', 'part', 'needed', 'there', 'used'],
    planned().flatMap((each) =>
      breaking(each.load, plan(each.load))
        .slice(0, 3)
        .map((cells, i) => [i === 0 ? title(each) : '', ...cells]),
    ),
  );
}

/** Every cost, with where it is from. */
export function costsTable() {
  const show = ({ unit }, value) => {
    if (value === undefined) return '';
    return unit === 'bytes' ? bytes(value) : `${count(value)}${unit === '1' ? '' : ` ${unit}`}`;
  };
  return table(
    ['cost', 'PostgreSQL', 'with Redis', 'what it is', 'from'],
    Object.entries(FILE.costs).map(([name, entry]) => [
      `\`${name}\``,
      show(entry, entry.postgres ?? entry.value),
      show(entry, entry.redis),
      noBreak(entry.means),
      entry.reckoned ? `reckoned: ${entry.reckoned}` : entry.run,
    ]),
  );
}

/** When and where each run was. */
export function runsTable() {
  return table(
    ['run', 'command', 'date', 'machine'],
    Object.entries(FILE.runs).map(([name, { command, date, machine, node }]) => [
      name,
      `\`${command}\``,
      date,
      [machine, node && `Node ${node.slice(1)}`].filter(Boolean).join(', '),
    ]),
  );
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
