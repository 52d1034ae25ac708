// Delivers messages to a connection that takes everything, with the classes of a build; prints the nanoseconds of processor time of each delivery.
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [build, mode] = process.argv.slice(2);
const WARM_UP = mode === 'traced' ? 20_000 : 200_000;
const DELIVERIES = mode === 'traced' ? 20_000 : 500_000;
const load = (file) => import(pathToFileURL(join(resolve(build), 'dist/src', file)).href);

await import('reflect-metadata');
const [{ Sender }, { FrameEncoder }, { pingFrame }, { PushGateway }, { Hub }, { Metrics }] = await Promise.all(
  ['sender', 'frame-encoder', 'frames', 'push.gateway', 'hub', '../metrics/metrics'].map((name) =>
    load(`gateway/${name}.js`),
  ),
);
const spans = mode === 'off' ? undefined : await switchOn();

const settings = { publicUrl: null, maxBufferedBytes: 1_048_576 };
const clock = { now: () => 2_000 };
const metrics = new Metrics();
const hub = new Hub();
let flight = [];
const connection = {
  tenant: 'acme',
  recipient: 'ann',
  format: 'text',
  live: true,
  given: { covers: () => false },
  bufferedBytes: 0,
  silent: false,
  takes: () => true,
  send: (_bytes, flights) => (flight = flights[0].items),
  pong: () => flight,
};
hub.add(connection);
const sender = new Sender(settings, clock, new FrameEncoder(settings), metrics, undefined, spans?.(hub));
const gateway = Object.assign(Object.create(PushGateway.prototype), {
  metrics,
  clock,
  hub,
  spans: sender.spans,
  drainer: { wake: () => undefined },
  ledger: { add: () => undefined },
});
const payload = pingFrame(1).subarray(2);
const place = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
let number = 0;

function deliver() {
  number += 1;
  const [txid, seq] = [number, number];
  gateway.onSignal({
    kind: 'messages',
    tenant: 'acme',
    txid,
    recipients: ['ann'],
    ...(mode === 'traced' && { place }),
  });
  const item = {
    seq,
    id: 'an-id',
    topic: null,
    text: 'a text',
    expiresAt: null,
    createdAt: 1_000,
    txid,
    global: false,
  };
  sender.send(connection, [item]);
  gateway.onPong(connection, payload);
}

/** Processor time, of collecting garbage, too: other programs on the machine count less in it than in what a clock says. */
function run(count) {
  const began = process.cpuUsage();
  for (let i = 0; i < count; i += 1) deliver();
  const { user, system } = process.cpuUsage(began);
  return ((user + system) * 1_000) / count;
}

run(WARM_UP);
process.stdout.write(String(run(DELIVERIES)));
process.exit();

/** With the SDK as the service has it, and an exporter that throws spans away. */
async function switchOn() {
  const [{ DeliverySpans }, { SdkTracer }, { traced }, { BasicTracerProvider, BatchSpanProcessor }] = await Promise.all(
    [
      load('gateway/delivery-spans.js'),
      load('traces/sdk-tracer.js'),
      load('traces/tracing.js'),
      import('@opentelemetry/sdk-trace-node'),
    ],
  );
  const exporter = { export: (_spans, done) => done({ code: 0 }), shutdown: () => Promise.resolve() };
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  traced.by = new SdkTracer(provider.getTracer('homing'), true);
  return (hub) => new DeliverySpans(hub);
}
