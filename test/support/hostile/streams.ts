import fc from 'fast-check';
import { upgradeRequest } from '../raw-connection.js';
import { anyText, edited, JUNK_TEXTS } from './texts.js';

/** What stands for a genuine token. */
export const TOKEN = 'TOKEN';

/** What an attacker writes to the port: the request of an upgrade, well or badly, and what follows it. */
export interface HostileStream {
  /** In latin1. */
  readonly head: string;
  /** In hexadecimal. */
  readonly frames: string;
  /** When the answer to the head is waited for. */
  readonly patience: 'before the frames' | 'before the end' | 'never';
  /** Where it is cut into pieces, each written by itself, as shares of the whole. */
  readonly cuts: readonly number[];
}

const HEADERS = [
  'Upgrade',
  'Connection',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'Origin',
  'Content-Length',
  'Transfer-Encoding',
  'X-Forwarded-For',
  'Forwarded',
  'Host',
  'Expect',
  'Cookie',
];
const HEAD_JUNK = [
  '\r\n',
  '\n',
  '\r\n\r\n',
  ' ',
  ':',
  '\t',
  '%',
  '%00',
  '%ff',
  '?',
  '#',
  '&token=',
  '/',
  '\u00ff',
  'HTTP/1.0',
  'chunked',
  '99999999999',
  ...JUNK_TEXTS,
];

const anyHead = edited(
  fc
    .record({
      method: fc.oneof(
        { weight: 20, arbitrary: fc.constant('GET') },
        fc.constantFrom('POST', 'HEAD', 'OPTIONS', 'CONNECT', 'PRI', 'get', ''),
      ),
      target: fc.oneof(
        { weight: 20, arbitrary: fc.constant(`/?token=${TOKEN}`) },
        fc.webPath(),
        fc.webQueryParameters().map((query) => `/?${query}`),
        fc.string({ unit: 'binary-ascii', maxLength: 200 }).map((token) => `/?token=${token}`),
        fc.constantFrom(
          '*',
          '//',
          'http://[',
          'http://localhost/',
          '/graphql',
          `/?token=${TOKEN}&token=${TOKEN}`,
          `/?token=${'a'.repeat(20_000)}`,
        ),
      ),
      headers: fc.dictionary(
        fc.constantFrom(...HEADERS),
        fc.oneof(
          fc.constant(null),
          anyText,
          fc.constantFrom(
            'websocket',
            'Upgrade',
            '13',
            'cloudevents.json',
            'permessage-deflate',
            'keep-alive, Upgrade',
            ',',
          ),
        ),
        { maxKeys: 2, noNullPrototype: true },
      ),
      version: fc.oneof(
        { weight: 20, arbitrary: fc.constant('HTTP/1.1') },
        fc.constantFrom('HTTP/1.0', 'HTTP/2.0', ''),
      ),
    })
    .map(({ method, target, headers, version }) => upgradeRequest(target, headers, method, version)),
  HEAD_JUNK,
  0.3,
);

const TEXTS = [...JUNK_TEXTS, 'text'].map((text) => Buffer.from(text));
const NOT_UTF_8 = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]].map((bytes) =>
  Buffer.from(bytes),
);

const anyPayload = fc.oneof(
  fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    ...TEXTS,
    ...NOT_UTF_8,
    Buffer.alloc(125),
    Buffer.alloc(126),
    Buffer.alloc(4_096),
    Buffer.alloc(4_097),
    Buffer.alloc(70_000),
  ),
  // A close code, and what may stand behind it.
  fc
    .tuple(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(...TEXTS, ...NOT_UTF_8))
    .map(([code, reason]) => Buffer.concat([Buffer.of(code >> 8, code & 255), reason])),
  // A pong's payload as the service's own pings have it, of a ping that may be to come.
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((number) => {
    const payload = Buffer.alloc(8);
    payload.writeBigUInt64BE(number);
    return payload;
  }),
);

const anyFrame = fc
  .record({
    fin: fc.oneof({ weight: 5, arbitrary: fc.constant(0x80) }, fc.constant(0)),
    reserved: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.constantFrom(0x10, 0x20, 0x40, 0x70)),
    opcode: fc.oneof({ weight: 10, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) }, fc.integer({ min: 0, max: 15 })),
    masked: fc.oneof({ weight: 20, arbitrary: fc.constant(true) }, fc.constant(false)),
    mask: fc.oneof(fc.constant(0), fc.nat(0xffffffff)),
    payload: anyPayload,
    /** The length as it is, or a lie. */
    length: fc.oneof(
      { weight: 15, arbitrary: fc.constant(null) },
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 0n, max: 300n }),
    ),
    /** How many times it is sent. */
    times: fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, fc.constantFrom(0, 2, 600)),
  })
  .map(({ fin, reserved, opcode, masked, mask, payload, length, times }) => {
    const header = Buffer.concat([Buffer.of(fin | reserved | opcode), lengthBytes(length ?? BigInt(payload.length))]);
    const key = Buffer.alloc(masked ? 4 : 0);
    if (masked) {
      header[1]! |= 0x80;
      key.writeUInt32BE(mask);
    }
    const body = masked ? payload.map((byte, i) => byte ^ key[i % 4]!) : payload;
    return Buffer.concat(Array<Buffer>(times).fill(Buffer.concat([header, key, body])));
  });

function lengthBytes(length: bigint): Buffer {
  if (length < 126n) return Buffer.of(Number(length));
  const bytes = Buffer.alloc(length < 0x10000n ? 3 : 9);
  bytes[0] = length < 0x10000n ? 126 : 127;
  if (length < 0x10000n) bytes.writeUInt16BE(Number(length), 1);
  else bytes.writeBigUInt64BE(length, 1);
  return bytes;
}

const anyFrames = fc.oneof(
  { weight: 4, arbitrary: fc.array(anyFrame, { maxLength: 8 }).map((frames) => Buffer.concat(frames)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)) },
);

/** Half of them open a connection and go wrong behind it; the others go wrong before. */
export const anyStream: fc.Arbitrary<HostileStream> = fc.record({
  head: fc.oneof(
    { weight: 10, arbitrary: fc.constant(upgradeRequest(`/?token=${TOKEN}`)) },
    { weight: 9, arbitrary: anyHead },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')) },
  ),
  frames: anyFrames.map((frames) => frames.toString('hex')),
  patience: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('before the frames', 'before the end') },
    { weight: 1, arbitrary: fc.constant('never') },
  ),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
});
