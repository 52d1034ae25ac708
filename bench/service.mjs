// A service as a process of its own, its backends and its recipients.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

export const PUSH =
  'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id status } error { message } } }';

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
      // Only what people read shows a demo access key.
      LOG_FORMAT: 'text',
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
  const backend = asBackend(url, key);
  return {
    child,
    url,
    key,
    databaseUrl,
    ...backend,
    settled,
    /** Connects a recipient: see `connect`. */
    listen: async (recipient, onText) => connect(await backend.register(recipient), onText),
    stop: async () => {
      backend.close();
      child.kill();
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

/** What a backend does with a service, over connections that it keeps. */
export function asBackend(url, key) {
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

  return {
    graphql,
    push: (recipients, message) => graphql(PUSH, { input: { recipients: [recipients].flat(), message } }),
    register: async (recipient) => {
      const { registerRecipient } = await graphql(
        'mutation($r: String!) { registerRecipient(input: { recipient: $r }) { connectionUri } }',
        { r: recipient },
      );
      return registerRecipient.connectionUri;
    },
    close: () => agent.destroy(),
  };
}

/** Waits until nothing is PENDING. */
export async function settled(pool) {
  for (;;) {
    const { rows } = await pool.query("SELECT EXISTS (SELECT FROM messages WHERE status = 'PENDING') AS pending");
    if (!rows[0].pending) return;
    await pause(2);
  }
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

/** Where the embedded database of a data folder is, while it runs. */
export function databaseUrl(dataDir) {
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
