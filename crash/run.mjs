// `npm run crash [-- --minutes N] [--nodes N] [--seed N] [--keep]`: see CONTRIBUTING.md.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Api } from './api.mjs';
import { Backends } from './backends.mjs';
import { DEVICES } from './cast.mjs';
import { check } from './checker.mjs';
import { DatabaseProcess } from './database-process.mjs';
import { gather } from './evidence.mjs';
import { Journal } from './journal.mjs';
import { Nodes } from './nodes.mjs';
import { Observer } from './observer.mjs';
import { Random } from './random.mjs';
import { RecipientsProcess } from './recipients-process.mjs';
import { isGood, report, torments } from './report.mjs';
import { ServiceProcess } from './service-process.mjs';
import { settle } from './settling.mjs';
import { Tormentor } from './tormentor.mjs';

const PROGRAM = 'dist/src/main.js';
const CLI = 'dist/src/cli/main.js';
const SCOPE = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';
const STOP_PATIENCE = 20_000;

const { minutes, nodes, seed, keep } = options();
const folder = mkdtempSync(join(tmpdir(), 'homing-crash-'));
const dataDir = join(folder, 'data');
const journalPath = (party) => join(folder, `${party}.jsonl`);
const journals = new Map();
const ports = [];
while (ports.length < nodes) ports.push(await freePort());
const environment = {
  PATH: process.env.PATH,
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  DATA_DIR: dataDir,
  DRAIN_TIME: '1s',
  // Peers that do not answer are found in seconds, so that a short run meets them too.
  PING_INTERVAL: '2s',
};
const service = new Nodes(
  ports.map(
    (port, i) =>
      new ServiceProcess({
        program: PROGRAM,
        environment: { ...environment, PORT: String(port) },
        logFile: join(folder, `service-${i}.log`),
      }),
  ),
  new Random(seed + 1),
);
const database = new DatabaseProcess(dataDir);
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
    ports.map((port) => `http://127.0.0.1:${port}`),
    '',
    new Random(seed + 2),
  );
  const tormentor = new Tormentor({
    service,
    database,
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
  await recipients.order('start', { roles, ports });
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
  say(torments(tormentor, service));
  say(report(verdict));
  const codes = await service.stop(STOP_PATIENCE);
  const inOrder = codes.every((code) => code === 0);
  if (!inOrder)
    say(`Not all nodes stopped in order at the end: ${codes.map((code) => code ?? 'had to be killed').join(', ')}.`);
  const survived = service.unasked.every(({ listened }) => !listened);
  return isGood(verdict) && survived && inOrder;
}

function makeKey() {
  const args = [CLI, 'access-key', 'create', '--tenant', 'crash', '--name', 'run', '--scope', SCOPE];
  return execFileSync(process.execPath, args, { env: environment, encoding: 'utf8' }).trim();
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
  await service.end();
  await database.end();
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
  return { minutes, nodes, seed, keep: values.keep ?? false };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
