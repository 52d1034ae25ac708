// Frames of RFC 6455 §5.2 as a server sends them: unmasked and unfragmented. They are built here rather than by `ws`
// so that a frame can be built once for many connections, and leave in one write together with its ping.

const TEXT = 0x81;
const PING = 0x89;
const PING_BYTES = 8;

/** A text frame. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = TEXT;
  if (headerLength === 2) {
    frame[1] = length;
  } else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerLength, 'utf8');
  return frame;
}

/** Tells the pings of this process from what a peer may make up: a pong that doesn't begin with it is no answer to us. */
const PROCESS_MARK = Math.floor(Math.random() * 0x10000);

/** A ping frame that carries a number below 2^48. */
export function pingFrame(number: number): Buffer {
  const frame = Buffer.allocUnsafe(2 + PING_BYTES);
  frame[0] = PING;
  frame[1] = PING_BYTES;
  frame.writeUInt16BE(PROCESS_MARK, 2);
  frame.writeUIntBE(number, 4, 6);
  return frame;
}

/** The number that a pong's payload answers, or null when it answers no ping of this process. */
export function pongNumber(payload: Buffer): number | null {
  if (payload.length !== PING_BYTES || payload.readUInt16BE(0) !== PROCESS_MARK) return null;
  return payload.readUIntBE(2, 6);
}

const PONG = 0x8a;
const MASKED = 0x80;
const MASK_BYTES = 4;
/** Bytes of a pong as a client sends it: masked, and with the payload of one of our pings. */
export const PONG_FRAME_BYTES = 2 + MASK_BYTES + PING_BYTES;

/** The payload of a pong that stands whole at this place, or null when something else does. */
export function pongPayload(bytes: Buffer, at: number): Buffer | null {
  if (bytes.length < at + PONG_FRAME_BYTES || bytes[at] !== PONG || bytes[at + 1] !== (MASKED | PING_BYTES))
    return null;
  const mask = at + 2;
  const payload = Buffer.allocUnsafe(PING_BYTES);
  for (let i = 0; i < PING_BYTES; i += 1)
    payload[i] = (bytes[mask + MASK_BYTES + i] ?? 0) ^ (bytes[mask + (i % MASK_BYTES)] ?? 0);
  return payload;
}
