// `npm run crash [-- --minutes N] [--nodes N] [--redis] [--seed N] [--keep]`: see CONTRIBUTING.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Api } from './api.mjs';
import { Backends } from './backends.mjs';
import { DEVICES } from './cast.mjs';
import { check } from './checker.mjs';
import { gather } from './evidence.mjs';
import { Installation } from './installation.mjs';
import { Journal } from './journal.mjs';
import { Observer } from './observer.mjs';
import { Random } from './random.mjs';
import { RecipientsProcess } from './recipients-process.mjs';
import { isGood, report, torments } from './report.mjs';
import { settle } from './settling.mjs';
import { Tormentor } from './tormentor.mjs';

const CLI = 'dist/src/cli/main.js';
const SCOPE = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';
const STOP_PATIENCE = 20_000;

const { minutes, nodes, redis, seed, keep } = options();
const folder = mkdtempSync(join(tmpdir(), 'homing-crash-'));
const journalPath = (party) => join(folder, `${party}.jsonl`);
const journals = new Map();
const installation = await Installation.prepare({ folder, nodes, withRedis: redis, random: new Random(seed + 1) });
const { database } = installation;
const recipients = new RecipientsProcess(journalPath('recipients'), seed);

say(`Seed ${seed}, ${minutes} min, in ${folder}`);
let good = false;
try {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void end(false).then(() => process.exit(1)));
  good = await run();
} catch (error) {
  say(`The run could not be finished: ${error.stack}`);
} finally {
  await end(good && !keep);
}
process.exit(good ? 0 : 1);

async function run() {
  const random = new Random(seed);
  const api = new Api(
    installation.ports.map((port) => `http://127.0.0.1:${port}`),
    '',
    new Random(seed + 2),
  );
  const tormentor = new Tormentor({
    installation,
    recipients,
    api,
    journal: journal('tormentor'),
    random: random.fork(),
  });

  say('Starting the service for the first time, and killing it meanwhile ...');
  await tormentor.tormentFirstStart(2 + Math.ceil(minutes));
  api.key = makeKey();
  await database.installAudit();
  const roles = [];
  for (const { device, ...role } of DEVICES) {
    const { recipient, topic } = role;
    const uri = await api.register({ recipient, ...(topic !== null && { topic }) });
    roles.push({ ...role, device, uri });
  }
  await recipients.order('start', { roles, ports: installation.ports });
  const backends = new Backends(api, journal('backends'), random.fork());
  backends.start();
  const observer = new Observer(api, journal('observer'));

  say('Tormenting it ...');
  const news = setInterval(
    () => say(`  ${backends.acknowledged} acknowledged, ${tormentor.kills.service} kills`),
    30_000,
  );
  try {
    await tormentor.run(Date.now() + minutes * 60_000);
  } finally {
    clearInterval(news);
  }
  await Promise.all([backends.stop(), observer.stop()]);

  say('Bringing everything up ...');
  const settled = await settle({ recipients, database });
  await recipients.order('end');
  await closeJournals();
  const evidence = await gather({ api, database, journals: journalPath, settled });
  const verdict = check(evidence);
  say(torments(tormentor, installation.nodes, backends.refused));
  say(report(verdict));
  const codes = await installation.nodes.stop(STOP_PATIENCE);
  const inOrder = codes.every((code) => code === 0);
  if (!inOrder)
    say(`Not all nodes stopped in order at the end: ${codes.map((code) => code ?? 'had to be killed').join(', ')}.`);
  const survived = installation.nodes.unasked.every(({ listened }) => !listened);
  return isGood(verdict) && survived && inOrder && backends.refused.otherwise.length === 0;
}

function makeKey() {
  const args = [CLI, 'access-key', 'create', '--tenant', 'crash', '--name', 'run', '--scope', SCOPE];
  return execFileSync(process.execPath, args, { env: installation.environment, encoding: 'utf8' }).trim();
}

async function closeJournals() {
  await Promise.all([...journals.values()].map((one) => one.close()));
}

function journal(party) {
  const opened = new Journal(journalPath(party));
  journals.set(party, opened);
  return opened;
}

async function end(clean) {
  recipients.end();
  await installation.end();
  await closeJournals();
  if (!clean) return say(`All that was written is in ${folder}`);
  await pause(200);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

function options() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      nodes: { type: 'string' },
      redis: { type: 'boolean' },
      seed: { type: 'string' },
      keep: { type: 'boolean' },
    },
  });
  const number = (text, otherwise) => (text === undefined ? otherwise : Number(text));
  const minutes = number(values.minutes, 1);
  const nodes = number(values.nodes, 1);
  const seed = number(values.seed, Math.floor(Math.random() * 2 ** 32));
  if (!(minutes > 0) || !(nodes >= 1) || !Number.isInteger(seed))
    throw new Error('--minutes, --nodes and --seed take a number each.');
  return { minutes, nodes, redis: values.redis ?? false, seed, keep: values.keep ?? false };
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
