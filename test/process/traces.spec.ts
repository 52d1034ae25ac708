import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKey } from '../support/access-keys.js';
import { good, post, registration, type Registered } from '../support/answer.js';
import { RecipientClient } from '../support/client.js';
import { type CollectedSpan, Collector } from '../support/collector.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Program } from '../support/program.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'homing-traces-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const TOKEN_SECRETS = `a:${randomBytes(24).toString('hex')}`;

/** A node, where it listens, and the key that it takes. */
interface Node {
  readonly program: Program;
  readonly url: string;
}

async function startNode(databaseUrl: string, environment: Record<string, string>): Promise<Node> {
  const program = Program.run('main.js', {
    DATA_DIR: FOLDER,
    PORT: '0',
    DATABASE_URL: databaseUrl,
    TOKEN_SECRETS,
    NODE_ENV: 'production',
    ...environment,
  });
  const [, url = ''] = await program.says(/listening on (\S+) as/);
  return { program, url };
}

/** What a backend sends of its own trace, and what that is. */
function traceOfCaller(flags = '01') {
  const [traceId, parentId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, parentId, headers: { traceparent: `00-${traceId}-${parentId}-${flags}` } };
}

const PUSH = 'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id } error { message } } }';
const PUSH_GLOBAL = 'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id } }';
const bodyOf = (query: string, input: object) => JSON.stringify({ query, variables: { input } });

/** Registers a recipient with one node, and connects it to another. */
async function connect(api: Node, gateway: Node, key: string, input: object) {
  const answer = await post<{ registerRecipient: Registered }>(api.url, registration(input), key);
  const { token } = good(answer).registerRecipient;
  const client = await RecipientClient.connect(`${gateway.url.replace('http', 'ws')}/?token=${token}`);
  return { client, token };
}

/** The names of a span and of all above it, up to where the trace came from. */
function wayTo(name: string, spans: readonly CollectedSpan[], caller: string): string[] {
  const way: string[] = [];
  for (let span = spans.find((one) => one.name === name); span;) {
    way.unshift(span.name);
    if (span.parentId === caller) return ['caller', ...way];
    const { parentId } = span;
    span = spans.find(({ spanId }) => spanId === parentId);
  }
  return way;
}

describe.each([
  { queue: 'PostgreSQL', suite: describe },
  { queue: 'Redis', suite: REDIS_SERVER.path === null ? describe.skip : describe },
])('a trace, with the queue in $queue and two nodes of different roles', ({ queue, suite }) => {
  suite('', () => {
    const secret = `collector-key-${randomBytes(12).toString('hex')}`;
    let collector: Collector;
    let redis: Awaited<ReturnType<typeof startRedis>> | undefined;
    let api: Node;
    let gateway: Node;
    let key: string;
    /** What must be in no span. */
    const canaries: string[] = [secret];
    const plant = (place: string) => {
      canaries.push(`canary-${place}-${randomBytes(8).toString('hex')}`);
      return canaries.at(-1) as string;
    };

    beforeAll(async () => {
      collector = await Collector.start();
      redis = queue === 'Redis' ? await startRedis(REDIS_SERVER.path!) : undefined;
      const databaseUrl = await createDatabase(`traces_${randomBytes(6).toString('hex')}`);
      const environment = {
        ...(redis && { REDIS_URL: redis.url }),
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: `x-collector-key=${secret}`,
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_BSP_SCHEDULE_DELAY: '1000',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      };
      api = await startNode(databaseUrl, { ...environment, ROLES: 'api' });
      gateway = await startNode(databaseUrl, { ...environment, ROLES: 'gateway,worker' });
      const made = await addKey(databaseUrl);
      canaries.push(made.secret);
      key = made.text;
    });
    afterAll(async () => {
      for (const node of [api, gateway]) node?.program.child.kill('SIGKILL');
      await redis?.stop();
      await collector.stop();
    });

    it('goes from the mutation of a backend over the store and the queue to the pong and its record', async () => {
      const [recipient, topic] = [plant('recipient'), plant('topic')];
      const { client, token } = await connect(api, gateway, key, { recipient, topic });
      canaries.push(token);
      const spansOf = { pushMessage: [] as CollectedSpan[], pushGlobalMessage: [] as CollectedSpan[] };
      for (const [field, table, query, input] of [
        ['pushMessage', 'messages', PUSH, { recipients: [recipient, 'nobody'], topic }],
        ['pushGlobalMessage', 'global_messages', PUSH_GLOBAL, { topic }],
      ] as const)
        // The reconciler may read a message right before the gateway is told of it: then it has no spans there.
        spansOf[field] = await eventually(async () => {
          const trace = traceOfCaller();
          const headers = { ...trace.headers, tracestate: `homing=${plant('tracestate')}` };
          good(await post(api.url, bodyOf(query, { ...input, message: plant('text') }), key, headers));
          return eventually(() => {
            const spans = collector.of(trace.traceId);
            const mutation = ['caller', `mutation ${field}`];
            expect(wayTo(`INSERT ${table}`, spans, trace.parentId)).toEqual([...mutation, `INSERT ${table}`]);
            expect(wayTo('record events', spans, trace.parentId)).toEqual([
              ...mutation,
              ...['send events', 'announce events', 'deliver message', 'await pong', 'record events'],
            ]);
            return spans;
          }, 20_000);
        });
      const spans = spansOf.pushMessage;
      expect(new Set(spans.map(({ name }) => name)).size).toBe(spans.length);
      expect(spans.filter(({ began, ended, failed }) => ended < began || failed)).toEqual([]);
      const server = spans.find(({ kind }) => kind === 2);
      expect(server?.facts).toMatchObject({
        'http.request.method': 'POST',
        'http.route': '/graphql',
        'http.response.status_code': 200,
        'graphql.operation.type': 'mutation',
      });
      // Two nodes have told of it, each of itself.
      const nodes = new Set(spans.map(({ resource }) => resource['service.instance.id']));
      expect(nodes.size).toBe(2);
      expect(server?.resource).toMatchObject({
        'service.name': 'homing',
        'deployment.environment.name': 'test',
      });
      await client.close();
    });

    it('is not that of a stranger, nor one that the backend does not record; what it is refused is no failure of ours', async () => {
      const [stranger, unsampled, refused] = [traceOfCaller(), traceOfCaller('00'), traceOfCaller()];
      const body = bodyOf(PUSH, { recipients: ['ann'], message: plant('text') });
      expect((await post(api.url, body, 'homing_0123456789_wrong', stranger.headers)).status).toBe(401);
      good(await post(api.url, body, key, unsampled.headers));
      await post(
        api.url,
        bodyOf(PUSH, { recipients: ['ann'], message: 'late', expiresAt: '2000-01-01T00:00:00Z' }),
        key,
        refused.headers,
      );
      await eventually(() => expect(collector.of(refused.traceId)).toHaveLength(1));
      const [span] = collector.of(refused.traceId);
      expect(span).toMatchObject({ failed: false, facts: { 'error.type': 'bad_user_input' } });
      expect([...collector.of(stranger.traceId), ...collector.of(unsampled.traceId)]).toEqual([]);
    });

    it('hands on what is left when a node stops, and holds no text, name, key or token', async () => {
      const trace = traceOfCaller();
      good(await post(api.url, bodyOf(PUSH, { recipients: ['ann'], message: plant('text') }), key, trace.headers));
      for (const { program } of [api, gateway]) expect(await program.kill('SIGTERM')).toBe(0);
      expect(collector.of(trace.traceId).map(({ name }) => name)).toContain('send events');
      expect(collector.headers.every((headers) => headers['x-collector-key'] === secret)).toBe(true);
      expect(canaries.filter((canary) => collector.bodies.some((body) => body.includes(canary)))).toEqual([]);
      const said = [api, gateway].map(({ program }) => program.out + program.errors).join('');
      expect(canaries.filter((canary) => said.includes(canary))).toEqual([]);
    });
  });
});

/** Which files a process loaded, by what V8 wrote at its end. */
function filesLoaded(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url);
  });
}

describe('traces', () => {
  const nodes: Node[] = [];
  const collectors: Collector[] = [];
  afterAll(async () => {
    for (const { program } of nodes) program.child.kill('SIGKILL');
    for (const collector of collectors) await collector.stop();
  });

  async function startAlone(environment: Record<string, string>) {
    const databaseUrl = await createDatabase(`traces_${randomBytes(6).toString('hex')}`);
    const coverage = join(FOLDER, randomBytes(6).toString('hex'));
    const node = await startNode(databaseUrl, { NODE_V8_COVERAGE: coverage, ...environment });
    nodes.push(node);
    return { node, coverage, key: (await addKey(databaseUrl)).text };
  }

  it('harm no delivery and no end when their collector refuses them or hangs, which is told once', async () => {
    const collector = await Collector.start();
    collectors.push(collector);
    const secret = `collector-key-${randomBytes(12).toString('hex')}`;
    const { node, coverage, key } = await startAlone({
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_HEADERS: `x-collector-key=${secret}`,
      OTEL_BSP_SCHEDULE_DELAY: '10',
      OTEL_BSP_MAX_QUEUE_SIZE: '64',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '32',
      // Longer than a stop may take.
      OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
      STOP_TIMEOUT: '30s',
    });
    const { client } = await connect(node, node, key, { recipient: 'ann' });
    let pushed = 0;
    const push = async (headers: Record<string, string> = {}) => {
      good(await post(node.url, bodyOf(PUSH, { recipients: ['ann'], message: 'a text' }), key, headers));
      await client.received((pushed += 1));
    };
    const told = () => node.program.out.split('\n').filter((line) => line.includes('traces.unexported'));

    collector.mode = 'refuses';
    await push();
    await eventually(() => expect(told()).toHaveLength(1));
    const before = collector.headers.length;
    for (let i = 0; i < 20; i += 1) await push();
    await eventually(() => expect(collector.headers.length).toBeGreaterThan(before + 1));
    expect(told()).toHaveLength(1);
    expect(node.program.out).not.toContain(secret);

    // What a node pushes to its own connections needs no queue.
    collector.mode = 'takes';
    await eventually(async () => {
      const trace = traceOfCaller();
      await push(trace.headers);
      await eventually(
        () =>
          expect(wayTo('record events', collector.of(trace.traceId), trace.parentId)).toEqual(
            expect.arrayContaining(['caller', 'send events', 'deliver message', 'await pong']),
          ),
        5_000,
      );
      expect(collector.of(trace.traceId).map(({ name }) => name)).toContain('announce events');
    });

    collector.mode = 'hangs';
    for (let i = 0; i < 100; i += 1) await push();
    expect(await node.program.kill('SIGTERM')).toBe(0);
    expect(filesLoaded(coverage).some((url) => url.includes('@opentelemetry/'))).toBe(true);
  });

  it('load nothing of OpenTelemetry when no variable asks for them', async () => {
    const { node, coverage } = await startAlone({ OTEL_SERVICE_NAME: 'homing' });
    expect(await node.program.kill('SIGTERM')).toBe(0);
    const files = filesLoaded(coverage);
    expect(files.some((url) => url.endsWith('/traces/traces.js'))).toBe(true);
    expect(files.filter((url) => url.includes('opentelemetry') || url.endsWith('/traces/span-pipeline.js'))).toEqual(
      [],
    );
  });
});
