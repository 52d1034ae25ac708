import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as it came to a collector. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** In nanoseconds since the epoch. */
  readonly began: bigint;
  readonly ended: bigint;
  readonly failed: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
  /** What is said of the process that it comes from. */
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A collector of traces: OTLP by HTTP and protobuf, as far as a test looks at it. */
export class Collector {
  readonly spans: CollectedSpan[] = [];
  /** All that was sent, decompressed. */
  readonly bodies: Buffer[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  /** What becomes of what is sent: it is taken, refused, or not answered. */
  mode: 'takes' | 'refuses' | 'hangs' = 'takes';

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.headers.push(request.headers);
        if (this.mode === 'hangs') return;
        if (this.mode === 'refuses') {
          response.writeHead(401).end(`Not with ${JSON.stringify(request.headers)}`);
          return;
        }
        const sent = Buffer.concat(chunks);
        const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
        this.bodies.push(body);
        if (request.url === '/v1/traces') this.spans.push(...spansIn(body));
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
  }

  static async start(): Promise<Collector> {
    const server = createServer();
    const collector = new Collector(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The spans of a trace. */
  of(traceId: string): CollectedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

/** The fields of a message of protobuf by their numbers: whole numbers, and bytes. */
type Fields = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => message.subarray(at, (at += length));
  while (at < message.length) {
    const tag = Number(varint());
    const type = tag & 7;
    const value =
      type === 0 ? varint() : type === 1 ? take(8).readBigUInt64LE() : type === 2 ? take(Number(varint())) : take(4);
    const number = tag >>> 3;
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map((value) => fieldsOf(value as Buffer));
const bytes = (fields: Fields, number: number): Buffer => (fields.get(number)?.[0] ?? Buffer.alloc(0)) as Buffer;
const whole = (fields: Fields, number: number): bigint => (fields.get(number)?.[0] ?? 0n) as bigint;

/** The spans of an `ExportTraceServiceRequest`: the numbers are those of opentelemetry-proto's trace.proto. */
function spansIn(body: Buffer): CollectedSpan[] {
  return messages(fieldsOf(body), 1).flatMap((ofResource) => {
    const resource = factsIn(messages(ofResource, 1)[0] ?? new Map(), 1);
    const scopes = messages(ofResource, 2);
    return scopes
      .flatMap((scope) => messages(scope, 2))
      .map((span) => ({
        traceId: bytes(span, 1).toString('hex'),
        spanId: bytes(span, 2).toString('hex'),
        parentId: bytes(span, 4).toString('hex'),
        name: bytes(span, 5).toString(),
        kind: Number(whole(span, 6)),
        began: whole(span, 7),
        ended: whole(span, 8),
        facts: factsIn(span, 9),
        failed: messages(span, 15).some((status) => whole(status, 3) === 2n),
        resource,
      }));
  });
}

function factsIn(fields: Fields, number: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(fields, number).map((fact) => [bytes(fact, 1).toString(), valueOf(messages(fact, 2)[0])]),
  );
}

function valueOf(value: Fields | undefined): unknown {
  if (value?.has(1)) return bytes(value, 1).toString();
  if (value?.has(2)) return whole(value, 2) === 1n;
  return value?.has(3) ? Number(whole(value, 3)) : null;
}
