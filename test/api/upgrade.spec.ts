import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { RecipientClient, UpgradeRefused } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { RawConnection, upgradeRequest } from '../support/raw-connection.js';
import { needsOneProcess, queueIsHere, Service } from '../support/service.js';

async function refusal(attempt: Promise<RecipientClient>): Promise<number> {
  return attempt.then(
    () => 101,
    (error: UpgradeRefused) => error.status,
  );
}

describe.runIf(queueIsHere)('the door of the WebSocket endpoint', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({
      TRUSTED_PROXIES: '127.0.0.1',
      MAX_CONNECTIONS_PER_RECIPIENT: '2',
      TOKEN_TTL: '1h',
    });
  });
  afterAll(async () => service.stop());

  it('answers 401 without a token, with a malformed one and with a forged one, and 404 on another path', async () => {
    const uri = await service.register('ann');
    const base = service.url.replace('http', 'ws');
    expect(await refusal(RecipientClient.connect(`${base}/`))).toBe(401);
    expect(await refusal(RecipientClient.connect(`${base}/?token=`))).toBe(401);
    expect(await refusal(RecipientClient.connect(`${base}/?token=%00nonsense`))).toBe(401);
    expect(await refusal(RecipientClient.connect(uri.replace('/?token', '/other?token')))).toBe(404);
  });

  it('lets in no token of which any one character was changed', async () => {
    const uri = new URL(await service.register('ann'));
    const token = uri.searchParams.get('token')!;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let i = 0; i < token.length; i += 1) {
      const changed = alphabet[(alphabet.indexOf(token[i]!) + 1) % alphabet.length];
      uri.searchParams.set('token', token.slice(0, i) + changed + token.slice(i + 1));
      expect(await refusal(RecipientClient.connect(uri.href)), `character ${i}`).toBe(401);
    }
  });

  it('gives a new token at each call, earlier ones stay valid, and none can be read', async () => {
    const first = await service.register('ann');
    const second = await service.register('ann');
    expect(first).not.toBe(second);
    expect(Buffer.from(new URL(first).searchParams.get('token')!, 'base64url').toString('latin1')).not.toContain('ann');
    for (const uri of [first, second]) await (await RecipientClient.connect(uri)).close();
  });

  it('answers 403 to another origin and to none where one is required; origins are compared as origins', async () => {
    const uri = await service.register({ recipient: 'ann', origin: 'https://Example.org:443' });
    expect(await refusal(RecipientClient.connect(uri))).toBe(403);
    expect(await refusal(RecipientClient.connect(uri, { origin: 'http://example.org' }))).toBe(403);
    expect(await refusal(RecipientClient.connect(uri, { origin: 'https://example.org.evil.com' }))).toBe(403);
    await (await RecipientClient.connect(uri, { origin: 'https://example.org' })).close();
  });

  it('answers 403 to another address; a trusted proxy names the client at the right end of X-Forwarded-For', async () => {
    const uri = await service.register({ recipient: 'ann', sourceIp: '203.0.113.0/24' });
    const forwarded = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    expect(await refusal(RecipientClient.connect(uri))).toBe(403);
    expect(await refusal(RecipientClient.connect(uri, forwarded('203.0.113.9, 198.51.100.1')))).toBe(403);
    await (await RecipientClient.connect(uri, forwarded('198.51.100.1, 203.0.113.9'))).close();
    await (await RecipientClient.connect(uri, forwarded('::ffff:203.0.113.9'))).close();
  });

  it('reads Forwarded instead where FORWARDED_HEADER says so', async () => {
    const other = await Service.start({ TRUSTED_PROXIES: '127.0.0.1', FORWARDED_HEADER: 'forwarded' });
    const uri = await other.register({ recipient: 'ann', sourceIp: '2001:db8::7' });
    const forwarded = (text: string) => ({ headers: { forwarded: text, 'x-forwarded-for': '2001:db8::7' } });
    expect(await refusal(RecipientClient.connect(uri, forwarded('for="[2001:db8::7]", for=198.51.100.1')))).toBe(403);
    await (await RecipientClient.connect(uri, forwarded('for=198.51.100.1, for="[2001:db8::7]:4711"'))).close();
    const query = 'mutation { registerRecipient(input: { recipient: "ann" }) { connectionUri } }';
    const answer = await other.post(JSON.stringify({ query }), other.key, { 'x-forwarded-proto': 'https' });
    expect(answer.text).toContain('"connectionUri":"ws://');
    await other.stop();
  });

  it('answers 429 with Retry-After to one connection too many of a recipient', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    await service.connect('crowd');
    await service.connect('crowd');
    await expect(service.connect('crowd')).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  });

  it('lets in no more of a burst than there are places, and keeps none for those who left meanwhile', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const gate = new Gate();
    const inbox = service.app.get(InboxRepository, { strict: false });
    const open = inbox.open.bind(inbox);
    vi.spyOn(inbox, 'open').mockImplementation(() => gate.pass().then(open));
    const uri = await service.register('burst');
    const attempts = Array.from({ length: 5 }, () => RawConnection.open(service.url));
    const burst = await Promise.all(attempts);
    for (const connection of burst) connection.write(upgradeRequest(uri.slice(uri.indexOf('/?'))));
    await eventually(() => expect(burst.filter(({ text }) => text.includes(' 429 '))).toHaveLength(3));
    for (const connection of burst) connection.end();
    gate.open();
    vi.restoreAllMocks();
    for (let i = 0; i < 2; i += 1) await eventually(() => service.connect('burst'));
    await expect(service.connect('burst')).rejects.toMatchObject({ status: 429 });
  });

  it('accepts a genuine token that has expired, and closes at once with 4401', async () => {
    const uri = await service.register('late');
    await service.setClock(2 * 3_600_000);
    const client = await RecipientClient.connect(uri);
    expect(await client.closing()).toEqual({ code: 4401, reason: 'token expired' });
    await service.setClock(0);
  });

  it('counts those with an expired token, and keeps none that ignores the close frame', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    const node = await service.startSecondNode({ MAX_CONNECTIONS: '2', TOKEN_TTL: '1h' });
    const uri = await node.register('late');
    await node.setClock(2 * 3_600_000);
    for (let i = 0; i < 2; i += 1) {
      const connection = await RawConnection.open(node.url);
      connection.write(upgradeRequest(uri.slice(uri.indexOf('/?'))));
      expect(await connection.closeCode()).toBe(4401);
    }
    await expect(RecipientClient.connect(uri)).rejects.toMatchObject({ status: 429 });
    const next = await eventually(() => RecipientClient.connect(uri));
    expect((await next.closing()).code).toBe(4401);
    await node.setClock(0);
    await node.stop();
  });

  it('speaks cloudevents.json where it is offered, and the bare text otherwise', async () => {
    const plain = await service.connect('formats');
    const events = await service.connect('formats', { protocols: ['cloudevents.json'] });
    const [message] = await service.push('formats', 'né ☃');
    expect(await plain.received(1)).toEqual(['né ☃']);
    expect(JSON.parse((await events.received(1))[0]!)).toMatchObject({
      specversion: '1.0',
      id: message!.id,
      subject: 'formats',
      time: message!.createdAt,
      data: 'né ☃',
    });
  });

  it('closes 1009 on a frame that is too large, and 1008 on a flood', async () => {
    const large = await service.connect('large');
    large.socket.send('x'.repeat(5_000));
    expect((await large.closing()).code).toBe(1009);
    const flood = await service.connect('flood');
    for (let i = 0; i < 600; i += 1) flood.socket.send('x');
    expect((await flood.closing()).code).toBe(1008);
    await eventually(() => expect(flood.closed).not.toBeNull());
  });
});

describe.runIf(queueIsHere)('the connectionUri', () => {
  let service: Service;
  let named: Service;
  beforeAll(async () => {
    service = await Service.start();
    named = await Service.start({ PUBLIC_URL: 'https://push.example.com' });
  });
  afterAll(async () => {
    await service.stop();
    await named.stop();
  });

  it('is made from PUBLIC_URL where that is set', async () => {
    expect(await named.register('ann')).toMatch(/^wss:\/\/push\.example\.com\/\?token=[\w-]+$/);
  });

  it.each(['homing_app:3000', 'push.example.com', '[::1]:3000', '10.0.0.1'])(
    'is made from the Host %s of the request without it',
    async (host) => {
      const { data } = await registerAt(service, host);
      expect(data.registerRecipient?.connectionUri).toMatch(`ws://${host}/?token=`);
    },
  );

  it('is refused rather than guessed when the Host names none; with PUBLIC_URL the Host does not matter', async () => {
    for (const host of ['a b', 'a/b', 'user@a', 'a:99999', '[::1']) {
      const { errors } = await registerAt(service, host);
      expect(errors, host).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'host' } }]);
      expect(errors![0]!.message).toContain('PUBLIC_URL');
      expect((await registerAt(named, host)).data.registerRecipient?.connectionUri).toMatch('wss://push.example.com/');
    }
  });
});

interface Registered {
  readonly data: { readonly registerRecipient?: { readonly connectionUri: string } };
  readonly errors?: readonly { readonly message: string }[];
}

/** Registers a recipient by a request with this Host header, which `fetch` would not send. */
async function registerAt(service: Service, host: string): Promise<Registered> {
  const headers = { host, 'content-type': 'application/json', 'x-api-key': service.key };
  const call = request(`${service.url}/graphql`, { method: 'POST', headers });
  call.end(JSON.stringify({ query: 'mutation { registerRecipient(input: { recipient: "ann" }) { connectionUri } }' }));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  return (await json(response)) as Registered;
}
