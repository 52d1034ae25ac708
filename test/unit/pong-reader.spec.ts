import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { pingFrame, PONG_FRAME_BYTES, pongPayload } from '../../src/gateway/frames.js';
import { readPongs } from '../../src/gateway/pong-reader.js';
import { eventually } from '../support/eventually.js';
import { RawConnection, upgradeRequest } from '../support/raw-connection.js';

const [CONTINUATION, TEXT, CLOSE, PING, PONG] = [0, 1, 8, 9, 10];
const FIN = 0x80;
const MAX_PAYLOAD = 100;

/** A frame as a client sends it. */
function frame(opcode: number, payload: Buffer | string, fin = FIN): Buffer {
  const key = Buffer.of(0xa1, 0xb2, 0xc3, 0xd4);
  const body = Buffer.from(payload).map((byte, i) => byte ^ key[i % 4]!);
  return Buffer.concat([Buffer.of(fin | opcode, 0x80 | body.length), key, body]);
}

/** The payload that answers a ping of ours, and its pong. */
const payload = (number: number) => pingFrame(number).subarray(2);
const pong = (number: number) => frame(PONG, payload(number));
const code = (number: number) => Buffer.of(number >> 8, number & 255);
const close = frame(CLOSE, code(1000));

const ponged = (number: number) => `pong ${payload(number).toString('hex')}`;
const CLOSED = 'close 1000';

interface Peer {
  readonly client: RawConnection;
  readonly socket: WebSocket;
  readonly transport: Socket;
  /** What the socket has told, in order. */
  readonly events: string[];
}

describe('pongs that are read without the parser', () => {
  let http: Server;
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD });
  beforeAll(async () => {
    http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
  });
  afterAll(() => http.close());

  /** A raw client, and the socket that `read` was given. */
  async function connect(read: (socket: WebSocket, transport: Socket) => void = readPongs): Promise<Peer> {
    const events: string[] = [];
    const accepted = new Promise<Pick<Peer, 'socket' | 'transport'>>((resolve) =>
      http.once('upgrade', (request, stream, head) => {
        const transport = stream as Socket;
        webSockets.handleUpgrade(request, transport, head, (socket) => {
          read(socket, transport);
          socket.on('pong', (data) => events.push(`pong ${data.toString('hex')}`));
          socket.on('ping', (data) => events.push(`ping ${data.toString()}`));
          socket.on('message', (data) => events.push(`message ${String(data)}`));
          socket.on('error', (error) => events.push(`error ${error.message}`));
          socket.on('close', (closeCode) => events.push(`close ${closeCode}`));
          resolve({ socket, transport });
        });
      }),
    );
    const client = await RawConnection.open(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    client.write(upgradeRequest('/'));
    return { client, events, ...(await accepted) };
  }

  /** Writes these pieces, each a chunk of its own, and lets the client end; gives all that the socket told. */
  async function play(pieces: readonly Buffer[], read?: Parameters<typeof connect>[0]): Promise<string[]> {
    const { client, transport, events } = await connect(read);
    for (const piece of pieces) {
      const before = transport.bytesRead;
      client.write(piece);
      await eventually(() => expect(transport.bytesRead).toBe(before + piece.length));
    }
    await client.finish();
    await eventually(() => expect(events.at(-1)).toMatch(/^close/));
    return events;
  }

  const long = frame(TEXT, 'x'.repeat(MAX_PAYLOAD + 1));
  const half = frame(TEXT, 'half', 0);
  it.each<[string, Buffer[][], string[]]>([
    ['one', [[pong(1), close]], [ponged(1), CLOSED]],
    ['several in a chunk', [[pong(1), pong(2), pong(3)], [pong(4)], [close]], [1, 2, 3, 4].map(ponged).concat(CLOSED)],
    [
      'a text behind it',
      [
        [pong(1), frame(TEXT, 'hi'), pong(2)],
        [pong(3), close],
      ],
      [ponged(1), 'message hi', ponged(2), ponged(3), CLOSED],
    ],
    [
      'a ping behind it',
      [
        [pong(1), frame(PING, 'ho')],
        [pong(2), close],
      ],
      [ponged(1), 'ping ho', ponged(2), CLOSED],
    ],
    ['a close frame behind it', [[pong(1), close]], [ponged(1), CLOSED]],
    ['none before the close frame', [[close]], [CLOSED]],
    [
      'an empty one',
      [
        [pong(1), frame(PONG, '')],
        [pong(2), close],
      ],
      [ponged(1), 'pong ', ponged(2), CLOSED],
    ],
    [
      'a shorter and a longer one',
      [[frame(PONG, 'a'), frame(PONG, '123456789'), pong(1), close]],
      ['pong 61', 'pong 313233343536373839', ponged(1), CLOSED],
    ],
    [
      'one between the fragments of a message',
      [[half], [pong(1)], [frame(CONTINUATION, ' whole'), pong(2), close]],
      [ponged(1), 'message half whole', ponged(2), CLOSED],
    ],
    [
      'a frame that is too large',
      [[pong(1), long, pong(2)]],
      [ponged(1), 'error Max payload size exceeded', 'close 1006'],
    ],
    [
      'one that is not masked',
      [[pong(1), Buffer.concat([Buffer.of(FIN | PONG, 8), payload(2)])]],
      [ponged(1), 'error Invalid WebSocket frame: MASK must be set', 'close 1006'],
    ],
    [
      'one that is a fragment',
      [[pong(1), frame(PONG, payload(2), 0)]],
      [ponged(1), 'error Invalid WebSocket frame: FIN must be set', 'close 1006'],
    ],
    [
      'one with a reserved bit',
      [[pong(1), frame(PONG, payload(2), FIN | 0x40)]],
      [ponged(1), 'error Invalid WebSocket frame: RSV1 must be clear', 'close 1006'],
    ],
    ['one that is cut off', [[pong(1)], [pong(2).subarray(0, 9)]], [ponged(1), 'close 1006']],
  ])('give the events of the parser: %s', async (_, frames, events) => {
    const pieces = frames.map((piece) => Buffer.concat(piece));
    expect(await play(pieces)).toEqual(events);
    expect(await play(pieces, () => undefined)).toEqual(events);
  });

  it.each([1, 2, 4, 6, 10, 13])('are found when a chunk ends after %i bytes of one', async (cut) => {
    const all = Buffer.concat([pong(1), pong(2), pong(3), close]);
    const end = PONG_FRAME_BYTES + cut;
    expect(await play([all.subarray(0, end), all.subarray(end)])).toEqual([...[1, 2, 3].map(ponged), CLOSED]);
  });

  it('cost the parser nothing until something else comes, and then it reads all', async () => {
    const parsed: number[] = [];
    const events = await play(
      [Buffer.concat([pong(1), pong(2)]), pong(3), Buffer.concat([pong(4), frame(TEXT, 'hi'), pong(5)]), pong(6)],
      (socket, transport) => {
        const [parse] = transport.listeners('data') as ((chunk: Buffer) => void)[];
        transport.off('data', parse!);
        transport.on('data', (chunk: Buffer) => {
          parsed.push(chunk.length);
          parse!.call(transport, chunk);
        });
        readPongs(socket, transport);
      },
    );
    expect(events).toEqual([1, 2, 3, 4].map(ponged).concat('message hi', ponged(5), ponged(6), 'close 1006'));
    expect(parsed).toEqual([frame(TEXT, 'hi').length + PONG_FRAME_BYTES, PONG_FRAME_BYTES]);
  });

  it.each([
    ['before the parser has taken over', pong(1), [ponged(1)]],
    ['after it has', Buffer.concat([pong(1), frame(TEXT, 'hi')]), [ponged(1), 'message hi']],
  ])("are followed by the closing handshake, the server's %s", async (_, first, told) => {
    const { client, socket, events } = await connect();
    client.write(first);
    await eventually(() => expect(events).toEqual(told));
    socket.close(4001, 'bye');
    expect(await client.closeCode()).toBe(4001);
    client.write(Buffer.concat([pong(2), frame(CLOSE, code(4001))]));
    await client.ended();
    client.end();
    await eventually(() => expect(events).toEqual([...told, ponged(2), 'close 4001']));
  });

  it('leave the code of what the client did wrong as it is', async () => {
    const { client } = await connect();
    client.write(Buffer.concat([pong(1), long]));
    expect(await client.closeCode()).toBe(1009);
    client.end();
  });

  it('are read once when they were left at the end of a connection that was paused', async () => {
    const { client, socket, transport, events } = await connect();
    socket.pause();
    client.write(pong(1));
    await eventually(() => expect(transport.readableLength).toBe(PONG_FRAME_BYTES));
    socket.terminate();
    await eventually(() => expect(events.at(-1)).toBe('close 1006'));
    expect(events).toEqual([ponged(1), 'close 1006']);
    client.end();
  });

  it('are told from anything else by all of their first two bytes, and stand whole', () => {
    const bytes = Buffer.concat([Buffer.alloc(3), pong(7)]);
    expect(pongPayload(bytes, 3)).toEqual(payload(7));
    expect(pongPayload(bytes, 2)).toBeNull();
    expect(pongPayload(bytes.subarray(0, -1), 3)).toBeNull();
    for (const [first, second] of [
      [0x0a, 0x88],
      [0xca, 0x88],
      [0x89, 0x88],
      [0x8a, 0x08],
      [0x8a, 0x87],
      [0x8a, 0x89],
    ]) {
      const other = pong(7);
      [other[0], other[1]] = [first!, second!];
      expect(pongPayload(other, 0)).toBeNull();
    }
  });
});
