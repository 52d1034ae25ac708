import { readFileSync, statSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { ALL_SCOPES } from '../support/access-keys.js';
import { good, MESSAGE_FIELDS, type MessageFields, post } from '../support/answer.js';
import { RecipientClient } from '../support/client.js';
import { createDatabase } from '../support/database.js';
import { newFolder, open, query } from '../support/embedded-database.fixture.js';
import { eventually } from '../support/eventually.js';
import { POSTGRESQL } from '../support/parts.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import { Program } from '../support/program.js';

type Environment = Record<string, string>;

/** What ends no line of an archive, and is no end of a JSON text. */
const TEXTS = Array.from({ length: 25 }, (_, i) => `m${i} \u2028\u2029\r\n "\\" {} \u0001 Grüße 😀`);
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

/** Whatever fails, no service outlives its test. */
const programs: Program[] = [];
afterAll(() => programs.forEach(({ child }) => child.kill('SIGKILL')));

async function serve(environment: Environment) {
  const program = Program.run('main.js', environment);
  programs.push(program);
  await program.says(/listening on/);
  return program;
}

async function cli(environment: Environment, ...args: string[]) {
  const program = Program.run('cli/main.js', environment, ...args);
  return { status: await program.ends(), out: program.out, errors: program.errors };
}

/** A caller of the API at one address, whichever service is there. */
class Caller {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  async ask<D>(document: string, variables: object = {}): Promise<D> {
    return good(await post<D>(this.url, JSON.stringify({ query: document, variables }), this.key));
  }

  async register(recipient: string): Promise<string> {
    const document = 'mutation($r: String!) { registerRecipient(input: { recipient: $r }) { connectionUri } }';
    return (await this.ask<{ registerRecipient: { connectionUri: string } }>(document, { r: recipient }))
      .registerRecipient.connectionUri;
  }

  async push(recipient: string, message: string, expiresAt?: string): Promise<string> {
    const document = 'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id } } }';
    const input = { recipients: [recipient], message, expiresAt };
    return (await this.ask<{ pushMessage: [{ item: { id: string } }] }>(document, { input })).pushMessage[0].item.id;
  }

  async pushGlobal(message: string, expiresAt: string): Promise<string> {
    const document = 'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id } }';
    const input = { message, expiresAt };
    return (await this.ask<{ pushGlobalMessage: { id: string } }>(document, { input })).pushGlobalMessage.id;
  }

  /** By their ids. */
  async messages(filter: object = {}): Promise<Map<string, MessageFields>> {
    const document = `query($filter: MessagesFilter) { messages(filter: $filter, limit: 1000) { items { ${MESSAGE_FIELDS} } } }`;
    const { messages } = await this.ask<{ messages: { items: MessageFields[] } }>(document, { filter });
    return new Map(messages.items.map((message) => [message.id, message]));
  }
}

/**
 * A service with everything in every state, pushes going on. `copy` copies its data meanwhile, and gives the settings of the
 * service that takes its place, which is then held to what the first one had acknowledged.
 */
async function movesWhole(before: Environment, copy: (secrets: string) => Promise<Environment>): Promise<void> {
  const address = { PORT: String(await freePort()), DATA_DIR: newFolder(), RECONCILE_INTERVAL: '1s', ...before };
  const first = await serve(address);
  const made = ['access-key', 'create', '--tenant', 'demo', '--name', 'test', '--scope', ALL_SCOPES];
  const [, demoKey] = /^ +(homing_\S+)$/m.exec(first.out) ?? [];
  const caller = new Caller(`http://127.0.0.1:${address.PORT}`, demoKey ?? (await cli(address, ...made)).out.trim());

  const [ann, bob, eve] = [await caller.register('ann'), await caller.register('bob'), await caller.register('eve')];
  const url = before['DATABASE_URL'] ?? (await open(address.DATA_DIR)).url;
  await query(url, `INSERT INTO revocations VALUES ('demo', 'eve', homing_now())`);
  const listener = await RecipientClient.connect(bob);
  await caller.push('bob', 'delivered');
  const globalId = await caller.pushGlobal('to all', TOMORROW);
  expect((await listener.received(2)).toSorted()).toEqual(['delivered', 'to all']);
  await caller.push('ann', 'too late', new Date(Date.now() + 3_000).toISOString());
  const pending: string[] = [];
  for (const text of TEXTS) pending.push(await caller.push('ann', text, TOMORROW));
  await eventually(async () => {
    const states = [...(await caller.messages()).values()].map(({ status }) => status);
    expect(states.filter((status) => status === 'DELIVERED')).toHaveLength(1);
    expect(states.filter((status) => status === 'CANCELLED')).toHaveLength(1);
    expect((await caller.messages({ globalMessageId: globalId })).size).toBe(1);
  });
  const known = await caller.messages();
  const reach = await caller.messages({ globalMessageId: globalId });

  let pushes = 0;
  const copied = new AbortController();
  const pushing = (async () => {
    while (!copied.signal.aborted) await caller.push('dora', `d${(pushes += 1)}`);
  })();
  const secrets = readFileSync(join(address.DATA_DIR, 'secrets', 'token-secrets'), 'utf8').trim();
  await eventually(() => expect(pushes).toBeGreaterThan(3));
  const acknowledged = pushes - 1;
  const settings = await copy(secrets).finally(() => copied.abort());
  await pushing;
  expect(pushes).toBeGreaterThan(acknowledged + 1);
  await listener.kill();
  expect(await first.kill('SIGTERM')).toBe(0);

  const second = await serve({ ...address, DATA_DIR: newFolder(), TOKEN_SECRETS: secrets, ...settings });
  const after = await caller.messages();
  for (const [id, message] of known) expect(after.get(id)).toEqual(message);
  expect(await caller.messages({ globalMessageId: globalId })).toEqual(reach);

  // The tokens of before. What waited comes once and in order, and the global message to whom it had not reached.
  const annAgain = await RecipientClient.connect(ann);
  expect((await annAgain.received(TEXTS.length + 1)).toSorted()).toEqual([...TEXTS, 'to all'].toSorted());
  expect(annAgain.messages.filter((text) => text !== 'to all')).toEqual(TEXTS);
  const bobAgain = await RecipientClient.connect(bob);
  await caller.push('ann', 'afterwards');
  await caller.push('bob', 'afterwards');
  expect((await annAgain.received(TEXTS.length + 2)).at(-1)).toBe('afterwards');
  expect(await bobAgain.received(1)).toEqual(['afterwards']);
  expect((await (await RecipientClient.connect(eve)).closing()).code).toBe(4403);
  await eventually(async () => {
    const now = await caller.messages();
    for (const id of pending) expect(now.get(id)?.status).toBe('DELIVERED');
    expect((await caller.messages({ globalMessageId: globalId })).size).toBe(2);
  });
  // Whatever was pushed while the copy was made is there up to some moment, and all that was acknowledged before it began.
  const dora = await RecipientClient.connect(await caller.register('dora'));
  await dora.received(acknowledged + 1);
  const got = dora.messages.filter((text) => text !== 'to all');
  expect(got).toEqual(got.map((_, i) => `d${i + 1}`));
  expect(await second.kill('SIGTERM')).toBe(0);
}

describe('export and import', () => {
  it('move a running service from the embedded database to a server: nothing is lost, tokens and keys stay good', async () => {
    const file = join(newFolder(), 'homing.archive');
    const embedded = { DATA_DIR: newFolder() };
    const name = `test_import_${process.pid}`;
    const server = { DATABASE_URL: await createDatabase(name), NODE_ENV: 'production' };
    await movesWhole(embedded, async (secrets) => {
      expect(await cli(embedded, 'export', file)).toMatchObject({ status: 0, out: '' });
      expect(statSync(file).mode & 0o777).toBe(0o600);

      const imported = await cli({ ...server, TOKEN_SECRETS: secrets }, 'import', file);
      expect(imported.errors).toMatch(
        /^Imported 1 access keys, 1 revocations, 1 global messages, 1 global deliveries, /,
      );
      expect(imported.status).toBe(0);
      expect(await query(server.DATABASE_URL, 'SELECT FROM messages WHERE txid > 0')).toEqual([]);
      return server;
    });
  });
});

describe.runIf(POSTGRESQL.path)('pg_dump and pg_restore', () => {
  const servers: PostgresServer[] = [];
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it('restore a dump of a running service on another server: nothing is lost, tokens and keys stay good', async () => {
    const programs = POSTGRESQL.path ?? '';
    const [one, other] = await Promise.all([startPostgres(programs), startPostgres(programs)]);
    servers.push(one, other);
    // So the transactions of the dump have numbers that the other server has not reached.
    await query(one.url, 'DO $$ BEGIN FOR i IN 1..20000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$');
    const file = join(newFolder(), 'homing.dump');
    await movesWhole({ DATABASE_URL: one.url }, async () => {
      const run = promisify(execFile);
      await run(join(programs, 'pg_dump'), ['--format', 'custom', '--file', file, one.url]);
      await run(join(programs, 'pg_restore'), ['--exit-on-error', '--dbname', other.url, file]);
      const restored = `SELECT max(txid) > pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS ahead FROM messages`;
      expect(await query(other.url, restored)).toEqual([{ ahead: true }]);
      return { DATABASE_URL: other.url };
    });
  });
});
