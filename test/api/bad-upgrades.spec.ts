import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Hub } from '../../src/gateway/hub.js';
import { eventually } from '../support/eventually.js';
import { RawConnection, upgradeRequest } from '../support/raw-connection.js';
import { expectNothingOfTheInside, expectNothingStored } from '../support/refusal.js';
import { good, needsOneProcess, oneProcess, queueIsHere, Service } from '../support/service.js';

/** A frame of a client, masked with zeros, which leave its payload as it is. */
function frame(
  first: number,
  payload: Buffer = Buffer.alloc(0),
  lengthBytes: Buffer = Buffer.of(payload.length),
): Buffer {
  const header = Buffer.concat([Buffer.of(first), lengthBytes]);
  header[1]! |= 0x80;
  return Buffer.concat([header, Buffer.alloc(4), payload]);
}

const TEXT = 0x81;
const PING = 0x89;

describe.runIf(queueIsHere)('the endpoint of the WebSockets', () => {
  let service: Service;
  let open: RawConnection[];
  beforeAll(async () => {
    service = await Service.start({ MAX_INBOUND_FRAME: '4KiB', INBOUND_RATE: '1', PING_INTERVAL: '30s' });
    open = [];
  });
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.end();
    if (oneProcess('It stops, breaks or watches a step inside a node.'))
      await eventually(() => {
        if (service.app.get(Hub, { strict: false }).size > 0) throw new Error('A connection is left');
      });
    await expectNothingStored(service, 0);
    good(await service.graphql('{ version }'));
  });
  afterAll(async () => service.stop());

  async function send(request: string): Promise<RawConnection> {
    const connection = await RawConnection.open(service.url);
    open.push(connection);
    connection.write(request);
    return connection;
  }

  async function target(input: Parameters<Service['register']>[0] = 'ann'): Promise<string> {
    const { pathname, search } = new URL(await service.register(input));
    return pathname + search;
  }

  async function expectAnswer(request: string, status: number): Promise<void> {
    const connection = await send(request);
    expect(await connection.status(), connection.text).toBe(status);
    expectNothingOfTheInside(connection.text);
    expect(connection.text).not.toContain('101 Switching');
  }

  it.each([
    ['no query', '/'],
    ['no token', '/?other=1'],
    ['an empty token', '/?token='],
    ['a token without a value', '/?token'],
    ['a token that is nonsense', '/?token=nonsense'],
    ['a token with U+0000', '/?token=%00'],
    ['a token that is no UTF-8', '/?token=%ff%fe'],
    ['a broken percent sign', '/?token=%'],
    ['an SQL text', "/?token='%20OR%201=1%20--"],
    ['a token under another name', '/?Token=nonsense'],
    ['a token of 12,000 characters', `/?token=${'a'.repeat(12_000)}`],
    ['a query of 1,000 tokens', `/?${'token=a&'.repeat(1_000)}`],
  ])('answers 401 to %s', async (_what, path) => {
    await expectAnswer(upgradeRequest(path), 401);
  });

  it('answers 401 to a nextToken and to an access key in the place of a token', async () => {
    for (const token of [service.key, await sealedForPages()])
      await expectAnswer(upgradeRequest(`/?token=${token}`), 401);
  });

  /** A nextToken, which is sealed with the same secret for another purpose. The messages it took are removed. */
  async function sealedForPages(): Promise<string> {
    await service.push(['a', 'b'], 'text');
    const list = '{ messages(limit: 1) { nextToken } }';
    const { nextToken } = good(await service.graphql<{ messages: { nextToken: string } }>(list)).messages;
    await service.dataSource.query('DELETE FROM messages');
    return nextToken;
  }

  it('counts the first of several tokens, whatever follows it', async () => {
    const genuine = await target();
    await expectAnswer(upgradeRequest(genuine.replace('token=', 'token=forged&token=')), 401);
    expect(await (await send(upgradeRequest(`${genuine}&token=forged&other=1`))).status()).toBe(101);
  });

  it.each([
    '/other',
    '//',
    '/graphql',
    '/health/live',
    '/..',
    '/%2f',
    '/;',
    'http://localhost//',
    'http://localhost/other',
    'ftp://localhost/',
    '*',
  ])('answers 404 to an upgrade at the path %s', async (path) => {
    await expectAnswer(upgradeRequest((await target()).replace('/', path)), 404);
  });

  it('keeps no socket of a client that was answered 404 and leaves its half open', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const sockets: Socket[] = [];
    service.app.getHttpServer().once('connection', (socket: Socket) => sockets.push(socket));
    await expectAnswer(upgradeRequest('/other'), 404);
    await eventually(() => expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]));
  });

  it.each(['http://localhost/', 'HTTPS://push.example.com:8443/', 'http://localhost'])(
    'takes an upgrade whose target has the absolute form %s',
    async (origin) => {
      expect(await (await send(upgradeRequest((await target()).replace('/', origin)))).status()).toBe(101);
      await expectAnswer(upgradeRequest(origin), 401);
    },
  );

  it.each([
    ['without a Host', { Host: null }],
    ['of version 12', { 'Sec-WebSocket-Version': '12' }],
    ['of version 0', { 'Sec-WebSocket-Version': '0' }],
    ['of a version that is no number', { 'Sec-WebSocket-Version': 'x' }],
    ['of two versions', { 'Sec-WebSocket-Version': '13, 13' }],
    ['without a version', { 'Sec-WebSocket-Version': null }],
    ['without a key', { 'Sec-WebSocket-Key': null }],
    ['with a short key', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }],
    ['with a long key', { 'Sec-WebSocket-Key': 'x'.repeat(4_000) }],
    ['with a key that is no base64', { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }],
    ['with a list of subprotocols that is none', { 'Sec-WebSocket-Protocol': ',,' }],
    ['with a subprotocol that is no word', { 'Sec-WebSocket-Protocol': 'a b' }],
    ['with the same subprotocol twice', { 'Sec-WebSocket-Protocol': 'a, a' }],
    ['with a header that is none', { 'a b': 'c' }],
    ['with a header that holds a control character', { Origin: 'a\u0001b' }],
    ['with two lengths', { 'Content-Length': '1, 2' }],
  ] as [string, Record<string, string | null>][])('answers 400 to an upgrade %s', async (_what, headers) => {
    await expectAnswer(upgradeRequest(await target(), headers), 400);
  });

  it.each([
    ['a method that is not GET', 405, (path: string) => upgradeRequest(path, {}, 'POST')],
    ['a method that nobody knows', 400, (path: string) => upgradeRequest(path, {}, 'NONSENSE')],
    ['a protocol that nobody knows', 400, (path: string) => upgradeRequest(path, {}, 'GET', 'HTTP/9.9')],
    ['HTTP/1.0', 400, (path: string) => upgradeRequest(path, {}, 'GET', 'HTTP/1.0')],
    ['bytes that are no request', 400, () => '\u0016\u0003\u0001\u0000\u0000\r\n\r\n'],
    ['a URL of 20,000 characters', 431, () => upgradeRequest(`/?token=${'a'.repeat(20_000)}`)],
    ['a header of 20,000 characters', 431, (path: string) => upgradeRequest(path, { Origin: 'a'.repeat(20_000) })],
    ['the wish for another protocol', 404, (path: string) => upgradeRequest(path, { Upgrade: 'h2c' })],
    ['no wish for an upgrade', 404, (path: string) => upgradeRequest(path, { Upgrade: null, Connection: 'close' })],
  ])('answers %s with %i', async (_what, status, request) => {
    await expectAnswer(request(await target()), status);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('answers 404 to %s /', async (method) => {
    const request: RequestInit = { method, body: '{"not JSON', headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${service.url}/`, request);
    expect(response.status).toBe(404);
    expectNothingOfTheInside(await response.text());
  });

  it.each([
    ['none', {}],
    ['an empty one', { Origin: '' }],
    ['null', { Origin: 'null' }],
    ['another', { Origin: 'https://example.com' }],
    ['that of another scheme', { Origin: 'http://example.org' }],
    ['that of another port', { Origin: 'https://example.org:8443' }],
    ['that of a subdomain', { Origin: 'https://www.example.org' }],
    ['a longer one', { Origin: 'https://example.org.example.com' }],
    ['one with a user', { Origin: 'https://example.org@example.com' }],
    ['two', { Origin: 'https://example.org, https://example.com' }],
    ['one in the header of old drafts', { 'Sec-WebSocket-Origin': 'https://example.org' }],
  ] as [string, Record<string, string>][])(
    'answers 403 where an origin is required and the client sends %s',
    async (_what, headers) => {
      await expectAnswer(
        upgradeRequest(await target({ recipient: 'ann', origin: 'https://example.org' }), headers),
        403,
      );
    },
  );

  it.each([
    ['nothing', {}],
    ['an X-Forwarded-For that nobody vouches for', { 'X-Forwarded-For': '203.0.113.7' }],
    ['a Forwarded header', { Forwarded: 'for=203.0.113.7' }],
    ['an X-Real-IP', { 'X-Real-IP': '203.0.113.7' }],
  ] as [string, Record<string, string>][])(
    'answers 403 where another address is required and the client sends %s',
    async (_what, headers) => {
      await expectAnswer(upgradeRequest(await target({ recipient: 'ann', sourceIp: '203.0.113.7' }), headers), 403);
    },
  );

  it.each([
    ['an unmasked frame', 1_002, Buffer.of(0x81, 1, 0x61)],
    ['an unknown opcode', 1_002, frame(0x83)],
    ['an unknown control opcode', 1_002, frame(0x8b)],
    ['a compressed frame, which was not agreed on', 1_002, frame(0xc1)],
    ['a continuation of nothing', 1_002, frame(0x80)],
    ['a text within a text', 1_002, Buffer.concat([frame(0x01), frame(TEXT)])],
    ['a fragmented ping', 1_002, frame(0x09)],
    ['a ping of 126 bytes', 1_002, frame(PING, Buffer.alloc(126), Buffer.of(126, 0, 126))],
    ['a close frame of one byte', 1_002, frame(0x88, Buffer.of(3))],
    ['a close code that may not be sent', 1_002, frame(0x88, Buffer.of(0x03, 0xee))],
    ['a frame of 4,097 bytes', 1_009, frame(TEXT, Buffer.alloc(4_097), Buffer.of(126, 0x10, 0x01))],
    ['the announcement of 4 GiB', 1_009, frame(TEXT, Buffer.alloc(0), Buffer.of(127, 0, 0, 0, 1, 0, 0, 0, 0))],
    [
      'the announcement of 2^63 bytes',
      1_009,
      frame(TEXT, Buffer.alloc(0), Buffer.of(127, 0x7f, 255, 255, 255, 255, 255, 255, 255)),
    ],
    [
      'fragments of 4,097 bytes together',
      1_009,
      Buffer.concat([frame(0x01), ...Array<Buffer>(15).fill(frame(0x00, Buffer.alloc(300), Buffer.of(126, 1, 44)))]),
    ],
    ['a flood of texts', 1_008, Buffer.concat(Array<Buffer>(100).fill(frame(TEXT, Buffer.of(97))))],
    ['a flood of binary frames', 1_008, Buffer.concat(Array<Buffer>(100).fill(frame(0x82)))],
    ['a flood of empty texts', 1_008, Buffer.concat(Array<Buffer>(100).fill(frame(TEXT)))],
    ['a flood of pings', 1_008, Buffer.concat(Array<Buffer>(100).fill(frame(PING)))],
    ['a flood of pongs that nobody asked for', 1_008, Buffer.concat(Array<Buffer>(100).fill(frame(0x8a)))],
    ['a flood of empty fragments', 1_008, Buffer.concat([frame(0x01), ...Array<Buffer>(16).fill(frame(0x00))])],
    [
      'a flood of fragments of one byte',
      1_008,
      Buffer.concat([frame(0x01), ...Array<Buffer>(16).fill(frame(0x00, Buffer.of(97)))]),
    ],
  ])('closes a connection that sends %s with %i', async (_what, code, bytes) => {
    const connection = await send(upgradeRequest(await target()));
    expect(await connection.status()).toBe(101);
    connection.write(bytes);
    expect(await connection.closeCode()).toBe(code);
  });

  it('answers requests that offer another protocol as it would without the offer, one behind the other', async () => {
    const offer = { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings', 'HTTP2-Settings': 'AAMAAABk' };
    const query = '{"query":"{ version }"}';
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(query.length) };
    const get = upgradeRequest('/health/live', offer);
    const post = upgradeRequest('/graphql', { ...offer, ...headers, 'x-api-key': service.key }, 'POST');
    const connection = await send('');
    const sendOnceMore = async (...parts: string[]) => {
      const before = connection.text.length;
      for (const part of parts) connection.write(part);
      await eventually(() => expect(connection.text.slice(before)).toMatch(/^HTTP\/1\.1 200 OK[^]*\}/));
      return connection.text.slice(before);
    };
    for (const parts of [[get], [post + query], [post, query]]) await sendOnceMore(...parts);
    expect(await sendOnceMore(post, query.slice(0, 9), query.slice(9))).toContain('{"data":{"version":');
  });

  it('reads no more of a client that goes on after 1008, and ends its connection', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const sockets: Socket[] = [];
    const path = await target();
    service.app.getHttpServer().once('connection', (socket: Socket) => sockets.push(socket));
    const connection = await send(upgradeRequest(path));
    expect(await connection.status()).toBe(101);
    const [socket] = sockets;
    const pings = Buffer.concat(Array<Buffer>(1_000).fill(frame(PING)));
    connection.write(pings);
    expect(await connection.closeCode()).toBe(1_008);
    for (let i = 0; i < 1_000; i += 1) connection.write(pings);
    await eventually(() => expect(socket?.destroyed).toBe(true));
    expect(socket?.bytesRead).toBeLessThan(200_000);
  });

  it('survives a client that leaves in the middle of its request, or of a frame', async () => {
    const request = upgradeRequest(await target());
    for (const part of [request.slice(0, 20), request.slice(0, -2), request]) (await send(part)).end();
    const connection = await send(request);
    expect(await connection.status()).toBe(101);
    connection.write(frame(TEXT, Buffer.alloc(50)).subarray(0, 20));
    connection.end();
  });
});
