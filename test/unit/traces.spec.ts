import { afterEach, describe, expect, it, vi } from 'vitest';
import { BoundedMemory } from '../../src/gateway/bounded-memory.js';
import { Scrubber, secretsOfVariables } from '../../src/log/scrubber.js';
import { decodeSignal, encodeSignal } from '../../src/relay/signal-text.js';
import { parsePlace } from '../../src/traces/sdk-tracer.js';
import { readTracesEnvironment } from '../../src/traces/traces-environment.js';
import { startTraces } from '../../src/traces/traces.js';
import { traced } from '../../src/traces/tracing.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('what the environment says of traces', () => {
  it.each([
    [{}, []],
    [{ OTEL_SERVICE_NAME: 'homing', OTEL_TRACES_SAMPLER: 'always_on' }, []],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, []],
    [ENDPOINT, ['otlp']],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, ['otlp']],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, ['otlp']],
    [{ OTEL_TRACES_EXPORTER: 'console, otlp' }, ['console', 'otlp']],
    [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, []],
    [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }, []],
    [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'True' }, []],
    [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'no' }, ['otlp']],
  ])('%j: they go to %j', (environment, exporters) => {
    expect(readTracesEnvironment(environment).exporters).toEqual(exporters);
  });

  it.each([
    [undefined, true],
    ['baggage, tracecontext', true],
    ['none', false],
    ['b3', false],
  ])('with OTEL_PROPAGATORS=%s, traces of callers are continued: %s', (propagators, follows) => {
    expect(readTracesEnvironment({ OTEL_PROPAGATORS: propagators }).followsCallers).toBe(follows);
  });

  it('tells what it asks for that there is not, and repeats no value', () => {
    const { mistakes } = readTracesEnvironment({
      OTEL_TRACES_EXPORTER: 'otlp,secret',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc secret',
    });
    expect(mistakes).toEqual([
      expect.stringContaining('OTEL_TRACES_EXPORTER'),
      expect.stringContaining('OTEL_EXPORTER_OTLP_PROTOCOL'),
    ]);
    expect(mistakes.join()).not.toContain('secret');
    expect(readTracesEnvironment({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).mistakes).toEqual([]);
  });
});

describe('the place in a trace that is handed on', () => {
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  it.each([
    [`00-${traceId}-${spanId}-01`, 1],
    [`00-${traceId}-${spanId}-00`, 0],
    [`00-${traceId}-${spanId}-03`, 1],
    [`cc-${traceId}-${spanId}-01-what-comes-later`, 1],
  ])('%s is one', (text, traceFlags) => {
    expect(parsePlace(text)).toEqual({ traceId, spanId, traceFlags, isRemote: true });
  });

  it.each([
    '',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
    `cc-${traceId}-${spanId}-01-${'x'.repeat(10_000)}`,
  ])('%s is none', (text) => {
    expect(parsePlace(text)).toBeNull();
  });

  it('travels in each part of a signal, which stays within the limit of PostgreSQL', () => {
    const place = `00-${traceId}-${spanId}-01`;
    const recipients = Array.from({ length: 500 }, (_, i) => `\u0001"\\recipient ${i}`.padEnd(256, 'ä'));
    const signal = { kind: 'messages', tenant: 'acme', txid: 7, recipients, requestId: 'a-request', place } as const;
    const payloads = encodeSignal(signal);
    expect(payloads.length).toBeGreaterThan(1);
    expect(Math.max(...payloads.map((payload) => Buffer.byteLength(payload)))).toBeLessThan(8_000);
    const heard = payloads.map((payload) => decodeSignal(payload) as typeof signal);
    expect(heard.flatMap((part) => part.recipients)).toEqual(recipients);
    for (const part of heard) expect(part).toMatchObject({ requestId: 'a-request', place });
    // A node of a version before knows the request alone.
    expect(decodeSignal('["m","acme",7,{"r":"a-request"},"ann"]')).toEqual({
      ...{ kind: 'messages', tenant: 'acme', txid: 7, recipients: ['ann'], requestId: 'a-request' },
    });
  });
});

it('the log hides what the variables of OpenTelemetry hold, however it is written', () => {
  const scrubber = new Scrubber();
  const secrets = ['base64-secret==', 'second secret', 'password-of-the-url'];
  scrubber.hide(
    secretsOfVariables({
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Basic%20${secrets[0]}, x-key = ${encodeURIComponent(secrets[1]!)}`,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `https://user:${secrets[2]}@collector/v1/traces`,
    }),
  );
  for (const secret of secrets)
    for (const form of [secret, encodeURIComponent(secret)])
      expect(scrubber.scrub(`said ${form} aloud`)).toBe('said [hidden] aloud');
});

it('a memory that is bounded forgets what was remembered first, and nothing else', () => {
  const memory = new BoundedMemory<number, string>();
  for (let i = 0; i < 10_000; i += 1) memory.remember(i, 'first');
  memory.forget(0);
  memory.remember(1, 'again');
  for (let i = 10_000; i < 10_003; i += 1) memory.remember(i, 'later');
  expect([0, 2, 3].map((key) => memory.get(key))).toEqual([undefined, undefined, undefined]);
  expect([1, 4, 10_002].map((key) => memory.get(key))).toEqual(['again', 'first', 'later']);
});

describe('traces of a process', () => {
  afterEach(() => vi.unstubAllEnvs());

  /** What is written to the log by spans that are made while these variables are set. */
  async function logOf(variables: Record<string, string>, work: () => void): Promise<unknown[][]> {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const logger = { hide: vi.fn(), write: vi.fn() };
    const traces = await startTraces({ version: '1', node: 'a-node' }, { stopTimeout: 10_000 }, logger as never);
    work();
    await traces.stop();
    expect(traced.by).toBeNull();
    return logger.write.mock.calls;
  }

  it('are written to the log where that is asked for, of errors the kind alone', async () => {
    const [span, parent] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const lines = await logOf({ OTEL_TRACES_EXPORTER: 'console' }, () => {
      const place = traced.by?.placeOf(`00-${span}-${parent}-01`);
      const facts = { 'homing.rows': 3 };
      const begun = traced.by?.begin('INSERT messages', { kind: 'client', parent: place, facts });
      begun?.end(Object.assign(new Error('secret'), { code: 'ECONNREFUSED' }));
    });
    const fields = { traceId: span, parentSpanId: parent, 'homing.rows': 3, 'error.type': 'ECONNREFUSED' };
    expect(lines.at(-1)).toEqual(['trace.span', 'INSERT messages', expect.objectContaining(fields), 'Traces']);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('are not recorded where the sampler says so, and then go no further', async () => {
    let place: string | undefined = 'none was begun';
    const lines = await logOf({ OTEL_TRACES_EXPORTER: 'console', OTEL_TRACES_SAMPLER: 'always_off' }, () => {
      const span = traced.by?.begin('mutation pushMessage', { kind: 'server', facts: {} });
      place = span?.place;
      span?.end();
    });
    expect(place).toBeUndefined();
    expect(lines.map(([event]) => event)).toEqual(['traces.on']);
  });

  it('are off where NODE_DEBUG would print the headers for their collector', async () => {
    const asked = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a-secret' };
    const lines = await logOf({ ...asked, NODE_DEBUG: 'tls, HTTP' }, () => expect(traced.by).toBeNull());
    expect(lines.map(([event]) => event)).toEqual(['traces.off']);
  });
});
