// `npm run docs`: writes what is said of the API and of the settings where people read it, from where it is decided:
// docs/api.md from schema.graphql, docs/settings.md and .env.example from src/config/settings.ts,
// docs/close-codes.md from the tables of refusals and close codes in src/, the log events in docs/operations.md, and docs/scaling.md from the capacity model in bench/.
// With `--check` nothing is written, and stale files are named.
import { readFileSync, writeFileSync } from 'node:fs';
import {
  buildSchema,
  isInputObjectType,
  isNonNullType,
  isEnumType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql';
import prettier from 'prettier';
import { breakingTable, costsTable, PLANS, plansTable, runsTable } from '../bench/capacity/tables.mjs';
import { SETTINGS } from '../dist/src/config/settings.js';
import { CLOSE, PROTOCOL_CLOSES } from '../dist/src/gateway/close-codes.js';
import { PROTOCOL_REFUSALS, REFUSALS } from '../dist/src/gateway/refusals.js';
import { CUT_OFFS } from '../dist/src/http/server-limits.js';
import { LOG_EVENTS } from '../dist/src/log/log-events.js';

const LINE = 100;

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const documents = {
  'docs/api.md': await withSections('docs/api.md', { api: apiReference() }),
  'docs/settings.md': await withSections('docs/settings.md', { settings: settingsTable() }),
  'docs/close-codes.md': await withSections('docs/close-codes.md', { upgrade: upgradeTable(), close: closeTable() }),
  'docs/operations.md': await withSections('docs/operations.md', { 'log-events': eventsTable() }),
  'docs/scaling.md': await withSections('docs/scaling.md', {
    commands: planCommands(),
    plans: plansTable(),
    breaking: breakingTable(),
    costs: costsTable(),
    runs: runsTable(),
  }),
  '.env.example': envExample(),
};

const stale = Object.entries(documents).filter(([path, text]) => read(path) !== text);
for (const [path, text] of stale) {
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  process.stdout.write(`${path} ${process.argv.includes('--check') ? 'is stale: run npm run docs' : 'written'}\n`);
}
if (process.argv.includes('--check') && stale.length > 0) process.exit(1);

/** The file's text with everything between `<!-- name:begin -->` and `<!-- name:end -->` replaced. */
async function withSections(path, sections) {
  const text = Object.entries(sections).reduce(
    (result, [name, content]) => {
      const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
      const [before, rest] = result.split(begin);
      const after = rest?.split(end)[1];
      if (after === undefined) throw new Error(`${path} lacks ${begin} ... ${end}`);
      return `${before}${begin}\n\n${content}\n\n${end}${after}`;
    },
    readFileSync(path, 'utf8'),
  );
  return prettier.format(text, { ...(await prettier.resolveConfig(path)), filepath: path });
}

// The API

function apiReference() {
  const named = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const types = named.filter((type) => !roots.includes(type) && !isSpecifiedScalarType(type));
  return [
    '## Queries',
    ...operations(schema.getQueryType()),
    '## Mutations',
    ...operations(schema.getMutationType()),
    '## Inputs',
    ...types.filter(isInputObjectType).map((type) => entry(type.name, type.description, fields(type))),
    '## Results',
    ...types.filter(isObjectType).map((type) => entry(type.name, type.description, fields(type))),
    '## Enums and scalars',
    ...types.filter(isEnumType).map((type) => entry(type.name, type.description, values(type))),
    ...types.filter(isScalarType).map((type) => entry(type.name, type.description, '')),
  ].join('\n\n');
}

function operations(root) {
  return Object.values(root.getFields()).map(({ name, description, args, type }) =>
    entry(name, `${description} Gives ${typeLink(type)}.`, args.map(bullet).join('\n')),
  );
}

function entry(name, description, content) {
  return [`### ${name}`, description, content].filter((part) => part).join('\n\n');
}

/** What must be given comes first; otherwise the order of the schema. */
function fields(type) {
  const all = Object.values(type.getFields());
  if (!isInputObjectType(type)) return all.map(bullet).join('\n');
  return [...all.filter((field) => isNonNullType(field.type)), ...all.filter((field) => !isNonNullType(field.type))]
    .map(bullet)
    .join('\n');
}

function bullet({ name, type, description }) {
  return `- **${name}** ${typeLink(type)}: ${description}`;
}

function values(type) {
  return type
    .getValues()
    .map(({ name, description }) => `- **${name}**: ${description}`)
    .join('\n');
}

/** A type as GraphQL writes it, its name a link to its entry. */
function typeLink(type) {
  const text = String(type);
  const name = text.replace(/[[\]!]/g, '');
  return isSpecifiedScalarType(schema.getType(name)) ? `\`${text}\`` : `[\`${text}\`](#${name.toLowerCase()})`;
}

// The settings

function settingsTable() {
  const rows = Object.values(SETTINGS).map((setting) => {
    const meaning = [setting.description, allowed(setting)]
      .filter(Boolean)
      .join(' ')
      .replaceAll('|', '\\|')
      .replaceAll('<', '&lt;')
      .replaceAll('*', '\\*');
    return [`\`${setting.name}\``, setting.default && `\`${setting.default}\``, meaning];
  });
  return table(['Setting', 'Default', 'Meaning'], rows);
}

function envExample() {
  const head = [
    'Every setting of Homing with its default. Copy this file to .env and take the # from the lines you change. A variable',
    'of the environment goes before the same one here, and an empty one means the default.',
    '',
    'Written by npm run docs from src/config/settings.ts: change it there.',
  ];
  const entries = Object.values(SETTINGS).map((setting) =>
    [
      ...wrapped([setting.description, allowed(setting)].filter(Boolean).join(' ')),
      `#${setting.name}=${setting.default}`,
    ].join('\n'),
  );
  return `${head.map((line) => `# ${line}`.trimEnd()).join('\n')}\n\n${entries.join('\n\n')}\n`;
}

/** What a setting's own parser says when it is given nonsense: "Must be a whole number from 0 to 65535." */
function allowed({ parse }) {
  try {
    parse('\u0000');
    return '';
  } catch (error) {
    return `Must be ${error.message}.`;
  }
}

function wrapped(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (lines.at(-1).length + word.length + 1 > LINE) lines.push('');
    lines.push(`${lines.pop()} ${word}`);
  }
  return lines.map((line) => `#${line}`);
}

// Refusals and close codes

function upgradeTable() {
  const refusals = [...Object.values({ ...CUT_OFFS, ...REFUSALS }), ...PROTOCOL_REFUSALS].sort(
    (a, b) => a.status - b.status,
  );
  return table(
    ['HTTP', 'It says', 'What a client does'],
    [
      [
        '`101`',
        'The connection is open. An expired or revoked token gets this too, and is closed with `4401` or `4403` at once.',
        '',
      ],
      ...refusals.map(({ status, reason, client }) => [`\`${status}\``, reason, client]),
    ],
  );
}

function closeTable() {
  const closes = [...Object.values(CLOSE), ...PROTOCOL_CLOSES].sort((a, b) => a.code - b.code);
  return table(
    ['Code', 'Reason', 'When', 'What a client does'],
    closes.map(({ code, reason, when, client }) => [`\`${code}\``, reason && `\`${reason}\``, when, client]),
  );
}

function eventsTable() {
  const rows = Object.entries(LOG_EVENTS).map(([event, { level, meaning, act }]) => [
    `\`${event}\``,
    level,
    meaning,
    act,
  ]);
  return table(['Event', 'Level', 'It means', 'What to do'], rows);
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

// The capacity model

function planCommands() {
  return ['```sh', ...PLANS.map((options) => `npm run bench -- capacity ${options}`), '```'].join('\n');
}

// Files

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
