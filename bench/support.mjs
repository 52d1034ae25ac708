// What every row needs: a service as a process of its own, backends, recipients, and a report.
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** Starts the built service on an empty data folder, with the embedded database. */
export async function startService(dataDir, environment = {}, nodeArguments = []) {
  const child = spawn(process.execPath, [...nodeArguments, 'dist/src/main.js'], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_TIME: '0',
      NODE_ENV: 'production',
      MUTATION_RATE: '1000000',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await until(child, /homing_[0-9a-f]+_[0-9a-f]+/);
  const url = /listening on (\S+)/.exec(said)[1];
  const key = /homing_[0-9a-f]+_[0-9a-f]+/.exec(said)[0];
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
    child,
    url,
    key,
    graphql,
    databaseUrl: databaseUrl(dataDir),
    push: (recipient, message) =>
      graphql(
        'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id status } error { message } } }',
        {
          input: { recipients: [recipient], message },
        },
      ),
    /** Connects a recipient; gives a function that tells how many messages have come. */
    listen: async (recipient) => {
      const { registerRecipient } = await graphql(
        'mutation($r: String!) { registerRecipient(input: { recipient: $r }) { connectionUri } }',
        { r: recipient },
      );
      let count = 0;
      const socket = new WebSocket(registerRecipient.connectionUri);
      socket.on('message', () => (count += 1));
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      return () => count;
    },
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

/** Prints a table, and a line of JSON for machines. */
export function report(row, work, rounds, goal) {
  const median = (key) => rounds.map((round) => round[key]).sort((a, b) => a - b)[Math.floor(rounds.length / 2)];
  process.stdout.write(`\n${row}: ${work}\n`);
  console.table(
    rounds.map((round) =>
      Object.fromEntries(Object.entries(round).map(([key, value]) => [key, Number(value.toFixed(value < 10 ? 3 : 0))])),
    ),
  );
  const result = {
    row,
    ours: Math.round(median('ours')),
    reference: Math.round(median('reference')),
    ratio: Number(median('ratio').toFixed(3)),
    goal,
    node: process.version,
    cpu: cpus()[0].model,
    cores: cpus().length,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
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
