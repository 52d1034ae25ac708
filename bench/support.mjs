// What every row needs: a service as a process of its own, backends, recipients, and a report.
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';

/** The kernel counts processor time in these, a second. */
const TICKS = 100;

/** Starts the built service on an empty data folder, with the embedded database. */
export async function startService(dataDir, environment = {}, nodeArguments = []) {
  const { child, said } = await startProcess(
    { DATA_DIR: dataDir, ...environment },
    /homing_[0-9a-f]+_[0-9a-f]+/,
    nodeArguments,
  );
  return use(
    child,
    /listening on (\S+)/.exec(said)[1],
    /homing_[0-9a-f]+_[0-9a-f]+/.exec(said)[0],
    databaseUrl(dataDir),
  );
}

/** Starts another node on the database of a service, which must have been given `TOKEN_SECRETS`, too. */
export async function startNode(service, environment, nodeArguments = []) {
  const { child, said } = await startProcess(
    { DATABASE_URL: service.databaseUrl, ...environment },
    /listening on \S+/,
    nodeArguments,
  );
  return use(child, /listening on (\S+)/.exec(said)[1], service.key, service.databaseUrl);
}

async function startProcess(environment, pattern, nodeArguments) {
  const child = spawn(process.execPath, [...nodeArguments, 'dist/src/main.js'], {
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_TIME: '0',
      NODE_ENV: 'production',
      MUTATION_RATE: '1000000',
      MAX_CONNECTIONS_PER_ADDRESS: '1000000',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, said: await until(child, pattern) };
}

/** A service as its backends and recipients use it. */
function use(child, url, key, databaseUrl) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });

  const graphql = (query, variables) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ query, variables });
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-api-key': key,
      };
      const outgoing = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => {
          const answer = JSON.parse(text);
          if (answer.errors) reject(new Error(text));
          else resolve(answer.data);
        });
      });
      outgoing.on('error', reject).end(body);
    });

  const register = async (recipient) => {
    const { registerRecipient } = await graphql(
      'mutation($r: String!) { registerRecipient(input: { recipient: $r }) { connectionUri } }',
      { r: recipient },
    );
    return registerRecipient.connectionUri;
  };

  return {
    child,
    url,
    key,
    graphql,
    databaseUrl,
    push: (recipients, message) =>
      graphql(
        'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id status } error { message } } }',
        {
          input: { recipients: [recipients].flat(), message },
        },
      ),
    register,
    /** Connects a recipient: see `connect`. */
    listen: async (recipient, onText) => connect(await register(recipient), onText),
    /** Waits until nothing is PENDING. */
    settled: async (pool) => {
      for (;;) {
        const { rows } = await pool.query("SELECT EXISTS (SELECT FROM messages WHERE status = 'PENDING') AS pending");
        if (!rows[0].pending) return;
        await pause(2);
      }
    },
    stop: async () => {
      agent.destroy();
      child.kill();
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

/** Connects to a URI; gives a function that tells how many messages have come, and has one, `close`. `onText` gets each of them. */
export async function connect(uri, onText = () => undefined) {
  let count = 0;
  const socket = new WebSocket(uri, { perMessageDeflate: false });
  socket.on('message', (data) => {
    count += 1;
    onText(String(data));
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return Object.assign(() => count, { close: () => socket.terminate() });
}

/** A `ws` server that sends the texts to everybody who connects, and does nothing else. */
export async function bareServer(texts) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket) => texts.forEach((text) => socket.send(text)));
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `ws://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

/**
 * Pushes a short message to one of 50 connected recipients, `rate` times a second, for as long as `work` takes; gives the
 * times from the mutation's request to the frame, in milliseconds.
 */
export async function measureLatency(service, rate, work) {
  const sent = new Map();
  const latencies = [];
  const names = Array.from({ length: 50 }, (_, i) => `prompt-${i}-${Math.random()}`);
  for (const name of names)
    await service.listen(name, (text) => {
      latencies.push(performance.now() - sent.get(text));
      sent.delete(text);
    });
  const done = new AbortController();
  const worked = work().finally(() => done.abort());
  const pushes = [];
  for (let i = 0; !done.signal.aborted; i += 1) {
    const text = `${i} ${names[i % names.length]}`;
    sent.set(text, performance.now());
    pushes.push(service.push(names[i % names.length], text));
    await Promise.race([worked, pause(1_000 / rate)]);
  }
  await worked;
  await Promise.all(pushes);
  while (sent.size > 0) await pause(5);
  return { count: latencies.length, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

/**
 * Fills a table of messages with `rows` of 100,000 recipients, all DELIVERED, the first `old` of them 60 days old; gives the
 * sequence number of the last old one.
 */
export async function fillMessages(pool, table, rows, old) {
  const step = 250_000;
  for (let first = 0; first < rows; first += step) {
    await pool.query(
      `INSERT INTO ${table} (tenant, recipient, message, status, created_at, delivered_at, txid)
       SELECT 'demo', 'stored-' || i % 100000, repeat('The quick brown fox. ', 5), 'DELIVERED', at, at, pg_current_xact_id()::text::bigint
       FROM (SELECT i, now() - CASE WHEN i < $3 THEN interval '60 days' ELSE interval '1 day' END AS at
         FROM generate_series($1::int, $2::int) i) i ORDER BY i`,
      [first, Math.min(first + step, rows) - 1, old],
    );
  }
  await pool.query(`VACUUM ANALYZE ${table}`);
  const {
    rows: [last],
  } = await pool.query(`SELECT max(seq)::text AS old FROM ${table} WHERE created_at < now() - interval '30 days'`);
  return last;
}

/** Watches a process; the function that is returned gives the most memory (RSS) that it has had beyond the first look, in MiB. */
export function watchMemory(pid) {
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_024;
  const first = rss();
  let most = first;
  const timer = setInterval(() => (most = Math.max(most, rss())), 20);
  return () => {
    clearInterval(timer);
    return Math.max(most, rss()) - first;
  };
}

/** Processor time that a process and all that it started have used, in microseconds. */
export function processorTime(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  // Its own, and that of the children that have ended.
  return children.reduce((sum, child) => sum + processorTime(child), times(pid, 10, 14));
}

/** Processor time that a process has used itself, in microseconds. */
export function ownProcessorTime(pid) {
  return times(pid, 10, 12);
}

/** The sum of some fields of what the kernel says of a process, counted from its state on. */
function times(pid, from, to) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , ...fields] = stat.slice(stat.lastIndexOf(')')).split(' ');
  return fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) * (1_000_000 / TICKS);
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(values) {
  return percentile(values, 0.5);
}

/** Prints rows of numbers. */
export function table(title, rows) {
  process.stdout.write(`\n${title}\n`);
  console.table(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          typeof value === 'number' ? Number(value.toFixed(value < 10 ? 3 : 0)) : value,
        ]),
      ),
    ),
  );
}

/** Prints the rounds of a row as a table, and a line of JSON for machines. */
export function report(row, work, rounds, goal) {
  const middle = (key) => median(rounds.map((round) => round[key]));
  const [ours, reference, ratio] = ['ours', 'reference', 'ratio'].map(middle);
  table(`${row}: ${work}`, rounds);
  json(row, { ours: Math.round(ours), reference: Math.round(reference), ratio, goal });
}

/** Prints latencies without and with something beside them, and a line of JSON that says more of the run. */
export function reportLatency(row, work, { alone, beside, goal }, more) {
  const ratio = { p50: beside.p50 / alone.p50, p99: beside.p99 / alone.p99 };
  table(`${row}: ${work}`, [
    { latency: 'without, ms', ...alone },
    { latency: 'with, ms', ...beside },
    { latency: 'ratio', ...ratio },
  ]);
  json(row, { p50Ratio: ratio.p50, p99Ratio: ratio.p99, goal, ...more });
}

export function json(row, result) {
  const rounded = Object.fromEntries(
    Object.entries(result).map(([key, value]) => [
      key,
      typeof value === 'number' ? Number(value.toPrecision(3)) : value,
    ]),
  );
  const machine = { node: process.version, cpu: cpus()[0].model, cores: cpus().length };
  process.stdout.write(`${JSON.stringify({ row, ...rounded, ...machine })}\n`);
}

function databaseUrl(dataDir) {
  const password = readFileSync(join(dataDir, 'secrets', 'postgres-password'), 'utf8').trim();
  const port = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[3];
  return `postgres://homing:${password}@127.0.0.1:${port}/homing`;
}

function until(child, pattern) {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
      if (pattern.test(said)) resolve(said);
    });
    child.once('exit', (code) => reject(new Error(`The service ended with ${code}: ${said}`)));
  });
}
