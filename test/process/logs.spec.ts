import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { LOG_EVENTS } from '../../src/log/log-events.js';
import { logIn } from '../support/admin.js';
import { addKey } from '../support/access-keys.js';
import { type Answer, post, registration, type Registered } from '../support/answer.js';
import { RecipientClient } from '../support/client.js';
import { Collector } from '../support/collector.js';
import { createDatabase, withDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Program } from '../support/program.js';
import { RawConnection } from '../support/raw-connection.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';

/** Texts that are given to the service and may not come out of it again in a log. Each says by its name where it was put. */
class Canaries {
  private readonly all = new Map<string, string>();

  plant(place: string): string {
    const canary = `canary-${place}-${randomBytes(12).toString('hex')}`;
    return this.watch(place, canary);
  }

  /** Watches for a secret that the service made. */
  watch(place: string, secret: string): string {
    this.all.set(place, secret);
    return secret;
  }

  /** Where those were put that the text holds. */
  foundIn(text: string): string[] {
    return [...this.all].filter(([, canary]) => text.includes(canary)).map(([place]) => place);
  }
}

interface Line {
  readonly level: string;
  readonly time: string;
  readonly pid: number;
  readonly node: string;
  readonly context?: string;
  readonly event?: string;
  readonly msg: string;
  readonly requestId?: string;
  readonly requestIds?: readonly string[];
  readonly messageId?: string;
  readonly messageIds?: readonly string[];
  readonly err?: { readonly message: string };
}

const DATA_DIR = mkdtempSync(join(tmpdir(), 'homing-logs-'));
afterAll(() => rmSync(DATA_DIR, { recursive: true, force: true }));

/** A database whose owner has this password. */
async function databaseOf(password: string): Promise<string> {
  const name = `logs_${randomBytes(6).toString('hex')}`;
  const url = new URL(await createDatabase(name));
  await withDatabase(inject('databaseUrl'), (client) =>
    client.query(`CREATE ROLE ${name} SUPERUSER LOGIN PASSWORD '${password}'`),
  );
  url.username = name;
  url.password = password;
  return url.href;
}

const PUSH = 'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id } error { message } } }';
const pushOf = (recipient: string, message: string, more: object = {}) =>
  JSON.stringify({ query: PUSH, variables: { input: { recipients: [recipient], message, ...more } } });

type Pushed = Answer<{ pushMessage: { item: { id: string } }[] }>;

describe.each([
  {
    ...{ form: 'json', NODE_ENV: 'production', queue: 'PostgreSQL', processes: '1' },
    ...{ NODE_DEBUG: 'http,https,net,tls,stream', traces: 'traces.off' },
  },
  {
    ...{ form: 'text', NODE_ENV: 'development', processes: '2' },
    queue: REDIS_SERVER.path === null ? 'PostgreSQL' : 'Redis',
    ...{ NODE_DEBUG: 'https,tls,stream', traces: 'traces.unexported' },
  },
])('the log as $form at its most talkative, with the queue in $queue and PROCESSES=$processes', (run) => {
  const canaries = new Canaries();
  const isJson = run.form === 'json';
  const adminPassword = canaries.plant('admin-password');
  let databaseUrl: string;
  let collector: Collector;
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
  let hasRedis = true;
  let service: Program;
  let url: string;
  let key: string;

  beforeAll(async () => {
    databaseUrl = await databaseOf(canaries.plant('database-password'));
    collector = await Collector.start();
    collector.mode = 'refuses';
    const redisPassword = canaries.plant('redis-password');
    redis =
      run.queue === 'Redis'
        ? await startRedis(REDIS_SERVER.path!, undefined, ['--requirepass', redisPassword])
        : undefined;
    service = Program.run('main.js', {
      DATA_DIR,
      PORT: '0',
      NODE_ENV: run.NODE_ENV,
      LOG_LEVEL: 'debug',
      PROCESSES: run.processes,
      DATABASE_URL: databaseUrl,
      ...(redis && { REDIS_URL: redis.url.replace('redis://', `redis://:${redisPassword}@`) }),
      TOKEN_SECRETS: `a:${canaries.plant('token-secret')}`,
      ADMIN_PASSWORD: adminPassword,
      ADMIN_LOGIN_RATE: '2',
      // What makes libraries, and Node itself, print what they do.
      DEBUG: '*',
      NODE_DEBUG: run.NODE_DEBUG,
      RECONCILE_INTERVAL: '1s',
      // Of a collector that answers with what it was sent.
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace(
        '://',
        `://collector:${canaries.plant('collector-password')}@`,
      ),
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${canaries.plant('collector-authorization')},x-key=${canaries.plant('collector-key')}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    });
    [, url] = (await service.says(/listening on (\S+)/)) as unknown as [string, string];
    const made = await addKey(databaseUrl);
    key = made.text;
    canaries.watch('access-key', made.secret);
  });
  afterAll(async () => {
    service.child.kill('SIGKILL');
    await collector.stop();
    if (hasRedis) await redis?.stop();
  });

  const send = (body: string, headers: Record<string, string> = {}, path = '') =>
    post<never>(`${url}${path}`, body, key, headers) as unknown as Promise<Pushed>;

  /** The lines that hold this text. */
  const linesWith = (text: string) => service.out.split('\n').filter((line) => line.includes(text));

  async function register(input: object): Promise<string> {
    const answer = await send(registration(input));
    const { token, connectionUri } = (answer.data as unknown as { registerRecipient: Registered }).registerRecipient;
    canaries.watch(`token-${randomBytes(4).toString('hex')}`, token);
    return connectionUri;
  }

  it('tells the way of a message by the id of its request and its own', async () => {
    const client = await RecipientClient.connect(await register({ recipient: 'ann' }));
    const answer = await send(pushOf('ann', canaries.plant('followed-text')));
    const requestId = answer.headers.get('x-request-id')!;
    const messageId = answer.data.pushMessage[0]!.item.id;
    await client.received(1);
    await eventually(() => {
      for (const event of ['push.stored', 'push.announced', 'push.heard', 'frame.written', 'message.proven'])
        expect(
          linesWith(event).filter((line) => line.includes(requestId)),
          event,
        ).not.toEqual([]);
      for (const event of ['push.stored', 'frame.written', 'message.proven'])
        expect(
          linesWith(event).filter((line) => line.includes(messageId)),
          event,
        ).not.toEqual([]);
      expect(linesWith(run.traces)).not.toEqual([]);
    });
    await client.close();
  });

  it('holds nothing of what callers and clients send, nor the secrets of the service', async () => {
    const [recipient, topic] = [canaries.plant('recipient'), canaries.plant('topic')];
    const uri = await register({ recipient, topic });
    const client = await RecipientClient.connect(uri, { protocols: ['cloudevents.json'] });
    const cookies = {
      authorization: `Bearer ${canaries.plant('authorization')}`,
      cookie: `session=${canaries.plant('cookie')}`,
      'user-agent': canaries.plant('user-agent'),
      'x-request-id': canaries.plant('x-request-id').slice(0, 64),
      traceparent: canaries.plant('traceparent'),
      tracestate: `homing=${canaries.plant('tracestate')}`,
      baggage: `homing=${canaries.plant('baggage')}`,
    };
    await send(pushOf(recipient, canaries.plant('text'), { topic }), cookies);
    const literal = canaries.plant('literal');
    await send(
      JSON.stringify({
        query: `mutation { pushMessage(input: {recipients: ["${recipient}"], message: "${literal}"}) { item { id } } }`,
      }),
    );
    const global = canaries.plant('global-text');
    await send(
      JSON.stringify({
        query: 'mutation($m: String!) { pushGlobalMessage(input: {message: $m}) { id } }',
        variables: { m: global },
      }),
    );
    await client.received(3);

    // What is refused.
    for (const [body, path] of [
      [pushOf('', canaries.plant('refused-text'))],
      [pushOf('ann', canaries.plant('expired-text'), { expiresAt: canaries.plant('date') })],
      [JSON.stringify({ query: PUSH, variables: { input: canaries.plant('wrong-variable') } })],
      [JSON.stringify({ query: `{ ${canaries.plant('field').replaceAll('-', '_')} }` })],
      [JSON.stringify({ query: `{ messages(filter: "${canaries.plant('wrong-literal')}") { nextToken } }` })],
      [JSON.stringify({ query: `{ messages(nextToken: "${canaries.plant('page-token')}") { nextToken } }` })],
      [JSON.stringify({ query: `{ messages(filter: {globalMessageId: "${canaries.plant('id')}"}) { nextToken } }` })],
      [
        JSON.stringify({
          query: `mutation { pushMessage(input: "${canaries.plant('broken-document')}`,
          operationName: 'x',
        }),
      ],
      [`{"query": "${canaries.plant('broken-json')}`],
      [pushOf('ann', canaries.plant('other-path-text')), `/${canaries.plant('path')}?token=${canaries.plant('query')}`],
    ] as [string, string?][])
      expect((await send(body, cookies, path)).text, body).toMatch(/error|no such page/i);
    const unknown = `homing_0123456789_${canaries.watch('unknown-key', randomBytes(24).toString('hex'))}`;
    for (const wrong of [unknown, canaries.plant('malformed-key')])
      expect((await post(url, '{}', wrong)).status).toBe(401);

    // What comes by WebSocket.
    for (const wrong of [
      `${url.replace('http', 'ws')}/?token=${canaries.plant('forged-token')}`,
      `${uri}${canaries.plant('changed-token')}`,
      uri.replace('/?', `/${canaries.plant('upgrade-path')}?`),
    ])
      await expect(RecipientClient.connect(wrong, { headers: cookies })).rejects.toThrow(/40[14]/);
    client.socket.send(canaries.plant('client-text'));
    client.socket.send(Buffer.alloc(100_000, canaries.plant('client-frame')));
    await client.closing();
    const raw = await RawConnection.open(url);
    raw.write(`${canaries.plant('no-http')}\r\n\r\n`);
    await raw.status();
    raw.end();

    // What comes to the admin pages.
    const entered = await logIn(url, adminPassword, cookies);
    expect(entered.status).toBe(303);
    const session = canaries.watch(
      'session',
      /homing_admin=([^;]+)/.exec(entered.headers.get('set-cookie') ?? '')![1]!,
    );
    const asAdmin = { origin: url, 'content-type': 'application/json', cookie: `homing_admin=${session}` };
    for (const [path, body] of [
      ['/admin/api/recipient', JSON.stringify({ tenant: canaries.plant('asked-tenant'), recipient })],
      ['/admin/api/recipient', `{"recipient": "${canaries.plant('broken-question')}`],
      [`/admin/${canaries.plant('admin-path')}?token=${canaries.plant('admin-query')}`, '{}'],
    ] as [string, string][])
      expect((await fetch(url + path, { method: 'POST', headers: asAdmin, body })).status, path).toBeLessThan(500);
    for (let i = 0; i < 6; i += 1) await logIn(url, canaries.plant(`wrong-password-${i}`), cookies);
    for (const event of ['admin.entered', 'admin.wrong-password', 'admin.guessed'])
      await eventually(() => expect(linesWith(event), event).not.toEqual([]));
    await eventually(() => expect(linesWith('connection.closed').length).toBeGreaterThan(1));
    expect(canaries.foundIn(service.out + service.errors)).toEqual([]);
  });

  it('holds nothing of what fails inside', async () => {
    const [recipient, topic] = [canaries.plant('failing-recipient'), canaries.plant('failing-topic')];
    const client = await RecipientClient.connect(await register({ recipient, topic }));
    const faults = [
      // A statement that is wrong, a row that is refused (PostgreSQL tells it whole), a value that PostgreSQL repeats in its message.
      ['ALTER TABLE messages RENAME TO elsewhere', 'ALTER TABLE elsewhere RENAME TO messages'],
      [
        'ALTER TABLE messages ADD CONSTRAINT refused CHECK (message IS NULL) NOT VALID',
        'ALTER TABLE messages DROP CONSTRAINT refused',
      ],
      [
        'ALTER TABLE messages ADD CONSTRAINT refused CHECK (message::int > 0) NOT VALID',
        'ALTER TABLE messages DROP CONSTRAINT refused',
      ],
    ] as const;
    for (const [[fault, repair], i] of faults.map((fault, i) => [fault, i] as const)) {
      await withDatabase(databaseUrl, (database) => database.query(fault));
      const { errors } = await send(pushOf(recipient, canaries.plant(`failing-text-${i}`), { topic }));
      await withDatabase(databaseUrl, (database) => database.query(repair));
      expect(errors[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
      await eventually(() => expect(linesWith(String(errors[0]!.extensions['id'])).join()).toContain('request.failed'));
    }
    // A job that fails.
    const [table, event] = redis ? ['messages', 'frame.written'] : ['presences', 'job.failed'];
    if (!redis) {
      await withDatabase(databaseUrl, (database) => database.query(`ALTER TABLE ${table} RENAME TO elsewhere`));
      await send(pushOf(recipient, canaries.plant('text-of-a-failing-job'), { topic }));
      await eventually(() => expect(linesWith(event)).not.toEqual([]));
      await withDatabase(databaseUrl, (database) => database.query(`ALTER TABLE elsewhere RENAME TO ${table}`));
    }
    // Connections to the database that break, and one to Redis.
    await withDatabase(databaseUrl, (database) =>
      database.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      ),
    );
    await redis?.stop();
    hasRedis = false;
    await eventually(() => expect(linesWith(redis ? 'redis.down' : 'relay.down')).not.toEqual([]));
    await client.kill();
    expect(canaries.foundIn(service.out + service.errors)).toEqual([]);
  });

  it('is one JSON object a line where programs read it, and says all that was done before a kill -9', async () => {
    const answer = await send(pushOf('ann', canaries.plant('last-text')));
    const closed = once(service.child, 'close');
    service.child.kill('SIGKILL');
    await closed;
    if (run.processes === '1') expect(linesWith(answer.headers.get('x-request-id')!).join()).toContain('push.stored');
    expect(canaries.foundIn(service.out + service.errors)).toEqual([]);
    if (!isJson) return;
    for (const text of service.out.trimEnd().split('\n')) {
      const line = JSON.parse(text) as Line;
      expect(line).toMatchObject({
        level: expect.stringMatching(/^(debug|info|warn|error|fatal)$/),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        pid: service.child.pid,
        node: expect.stringMatching(/^[0-9a-f]{12}$/),
        msg: expect.any(String),
      });
      if (line.event === undefined) expect(line.context).toBeDefined();
      else expect(Object.keys(LOG_EVENTS)).toContain(line.event);
    }
  });
});

describe('a log that nobody reads', () => {
  let child: ChildProcess;
  afterEach(() => child.kill('SIGKILL'));

  it('holds up no delivery and no end, and its lines are counted when they are dropped', async () => {
    const databaseUrl = await databaseOf('a password');
    const port = await freePort();
    child = spawn(process.execPath, [resolve('dist/src/main.js')], {
      env: {
        PATH: process.env['PATH'],
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR,
        DATABASE_URL: databaseUrl,
        TOKEN_SECRETS: `a:${'x'.repeat(32)}`,
        DRAIN_TIME: '0',
        NODE_ENV: 'production',
        LOG_LEVEL: 'debug',
        LOG_BUFFER: '64KiB',
      },
      // Nobody reads from the pipe until the end.
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = `http://127.0.0.1:${port}`;
    await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), 60_000);
    const { text: key } = await addKey(databaseUrl);
    const registered = await post<{ registerRecipient: Registered }>(url, registration({ recipient: 'ann' }), key);
    const client = await RecipientClient.connect(registered.data.registerRecipient.connectionUri);
    // Each writes more than a kilobyte into a log for which there is room for 128.
    for (let i = 0; i < 30; i += 1)
      await Promise.all(Array.from({ length: 10 }, (_, j) => post(url, pushOf('ann', `m${i}-${j}`), key)));
    await client.received(300);

    let out = '';
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    await eventually(() => expect(out).toMatch(/"event":"log.dropped","dropped":\d+/));
    child.stdout!.pause();
    for (let i = 0; i < 30; i += 1)
      await Promise.all(Array.from({ length: 10 }, (_, j) => post(url, pushOf('ann', `n${i}-${j}`), key)));
    await client.received(600);
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await exit)[0]).toBe(0);
  });
});
