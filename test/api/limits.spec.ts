import { once } from 'node:events';
import { connect, type Server } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RecipientClient, type UpgradeRefused } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { RawConnection, upgradeRequest } from '../support/raw-connection.js';
import { good, needsOneProcess, oneProcess, queueIsHere, Service } from '../support/service.js';

let service: Service;
const raws: RawConnection[] = [];
async function raw(): Promise<RawConnection> {
  const connection = await RawConnection.open(service.url);
  raws.push(connection);
  return connection;
}
afterEach(() => {
  for (const connection of raws.splice(0)) connection.end();
});

describe.runIf(queueIsHere)('a limit', () => {
  afterEach(async () => service.stop());

  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

  it('on the connections of a tenant holds for that tenant alone', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    service = await Service.start({ MAX_CONNECTIONS_PER_TENANT: '2' });
    await service.connect('ann');
    const second = await service.connect('bob');
    await expect(service.connect('eve')).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    await service.connect('eve', {}, await service.createKey({ tenant: 'other' }));
    await second.close();
    await eventually(() => service.connect('eve'));
  });

  it('on the connections of an address counts clients behind a trusted proxy by their own addresses', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    service = await Service.start({ MAX_CONNECTIONS_PER_ADDRESS: '2', TRUSTED_PROXIES: '127.0.0.1' });
    await service.connect('ann', from('203.0.113.1'));
    const second = await service.connect('bob', from('192.0.2.1, ::ffff:203.0.113.1'));
    await expect(service.connect('eve', from('203.0.113.1'))).rejects.toMatchObject({ status: 429 });
    await service.connect('eve', from('203.0.113.2'));
    await service.connect('v6', from('2001:db8::1'));
    await service.connect('v6', from('2001:db8::2'));
    await expect(service.connect('v6', from('2001:db8::3'))).rejects.toMatchObject({ status: 429 });
    await service.connect('v6', from('2001:db8:0:1::3'));
    await second.close();
    await eventually(() => service.connect('eve', from('203.0.113.1')));
  });

  it('on the connections of an address counts those with an expired token', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    service = await Service.start({ MAX_CONNECTIONS_PER_ADDRESS: '1', TRUSTED_PROXIES: '127.0.0.1', TOKEN_TTL: '1h' });
    const uri = await service.register('ann');
    await service.setClock(2 * 3_600_000);
    const attempt = async (address: string) => {
      const connection = await raw();
      connection.write(upgradeRequest(uri.slice(uri.indexOf('/?')), { 'X-Forwarded-For': address }));
      return connection;
    };
    // It ignores the close frame, and is ended after a second.
    const first = await attempt('203.0.113.1');
    expect(await first.closeCode()).toBe(4401);
    expect(await (await attempt('203.0.113.1')).status()).toBe(429);
    expect(await (await attempt('203.0.113.2')).closeCode()).toBe(4401);
    await first.ended();
  });

  it('on connections holds when many come at the same moment', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    service = await Service.start({ MAX_CONNECTIONS_PER_RECIPIENT: '5' });
    const uri = await service.register('crowd');
    const attempts = await Promise.all(
      Array.from({ length: 50 }, () =>
        RecipientClient.connect(uri).then(
          (client) => client,
          (refusal: UpgradeRefused) => refusal.status,
        ),
      ),
    );
    expect(attempts.filter((attempt) => attempt === 429)).toHaveLength(45);
    for (const attempt of attempts) if (attempt instanceof RecipientClient) await attempt.kill();
  });

  it('on the connections of an address counts those that ask for nothing too', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    service = await Service.start({ MAX_CONNECTIONS_PER_ADDRESS: '3' });
    const crowd = await Promise.all([raw(), raw(), raw(), raw(), raw()]);
    await eventually(() => {
      const refused = crowd.filter(({ text }) => text.startsWith('HTTP/1.1 429 ') && text.includes('Retry-After: 1'));
      expect(refused.length).toBeGreaterThanOrEqual(2);
    });
    for (const connection of crowd) connection.end();
    // The places are free again.
    await eventually(async () => good(await service.graphql('{ version }')));
  });

  it.runIf(oneProcess('It stops, breaks or watches a step inside a node.')).each(['nothing', 'a little now and then'])(
    'on time cuts off a client that reads %s of its answer',
    async (what) => {
      service = await Service.start({ REQUEST_TIMEOUT: '500ms', HEADERS_TIMEOUT: '500ms' });
      const recipients = Array.from({ length: 200 }, (_, i) => `recipient ${i}`);
      const body = JSON.stringify({
        query: 'mutation($input: MessageInput!) { pushMessage(input: $input) { item { message } } }',
        variables: { input: { recipients, message: 'x'.repeat(65_536) } },
      });
      const socket = connect({ port: Number(new URL(service.url).port), host: '127.0.0.1' }).pause();
      const ended = once(socket, 'close');
      socket.on('error', () => undefined);
      socket.write(
        `POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: ${service.key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      const server = service.app.getHttpServer() as Server;
      const open = promisify(server.getConnections.bind(server));
      await eventually(async () => expect(await open()).toBe(1));
      const reading = what === 'nothing' ? undefined : setInterval(() => socket.read(10), 20);
      await eventually(async () => expect(await open()).toBe(0));
      clearInterval(reading);
      socket.resume();
      await ended;
      expect(socket.bytesRead).toBeLessThan(200 * 65_536);
    },
  );

  it('on time ends the reading of a page, and leaves pushes their connections', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    service = await Service.start({ QUERY_TIMEOUT: '250ms', MAX_WAITING_QUERIES: '5' });
    const lock = service.dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('LOCK TABLE global_messages IN ACCESS EXCLUSIVE MODE');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => service.graphql('{ globalMessages { nextToken } }')),
    );
    // One is read and five wait; those that come when the first has ended may wait as well.
    const slow = answers.filter(({ status }) => status !== 429);
    expect(slow.length).toBeGreaterThanOrEqual(6);
    expect(slow.length).toBeLessThan(answers.length);
    for (const { errors } of slow) expect(errors[0]!.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'filter' });
    await lock.rollbackTransaction();
    await lock.release();
    good(await service.graphql('{ globalMessages { nextToken } }'));
  });
});

describe.runIf(queueIsHere)('the limit on the time of a request', () => {
  beforeAll(async () => {
    service = await Service.start({ HEADERS_TIMEOUT: '200ms', REQUEST_TIMEOUT: '400ms' });
  });
  afterAll(() => service.stop());

  it.each([
    ['head', 'GET /graphql HTTP/1.1\r\nHost: localhost\r\n'],
    ['nothing', ''],
    [
      'body',
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: KEY\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"query"',
    ],
    [
      'head of an upgrade',
      'GET /?token=x HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n',
    ],
  ])('cuts off a client that is too slow with its %s', async (_what, bytes) => {
    const slow = await raw();
    if (bytes !== '') slow.write(bytes.replace('KEY', service.key));
    expect(await slow.status()).toBe(408);
    expect(slow.text).toContain('The request was not sent within HEADERS_TIMEOUT and REQUEST_TIMEOUT.');
    await slow.ended();
  });

  it('is none for an open WebSocket', async () => {
    const client = await service.connect('ann');
    const slow = await raw();
    slow.write('GET / HTTP/1.1\r\n');
    expect(await slow.status()).toBe(408);
    await service.push('ann', 'still here');
    expect(await client.received(1)).toEqual(['still here']);
  });
});

describe.runIf(queueIsHere)('the form', () => {
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(() => service.stop());

  it.each([
    ['400 to what is not HTTP', 'HELO localhost\r\n\r\n', 400],
    ['431 to a head that is too large', `GET / HTTP/1.1\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('of requests is answered %s', async (_what, bytes, status) => {
    const bad = await raw();
    bad.write(bytes);
    expect(await bad.status()).toBe(status);
    await bad.ended();
    good(await service.graphql('{ version }'));
  });
});
