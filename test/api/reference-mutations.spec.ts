import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RecipientClient } from '../support/client.js';
import { storedRows } from '../support/refusal.js';
import { good, MESSAGE_FIELDS, type MessageFields, oneProcess, queueIsHere, Service } from '../support/service.js';

const HOUR = 3_600_000;
const zone = process.env['TZ'];
/** Time zones of servers, and how many minutes each is behind GMT on 18 July 2023. */
const ZONES = [
  ['America/New_York', 240],
  ['Asia/Tokyo', -540],
  ['UTC', 0],
] as const;

function setZone(name: string | undefined): void {
  if (name === undefined) delete process.env['TZ'];
  else process.env['TZ'] = name;
}

const inAnHour = () => new Date(Date.now() + HOUR).toISOString();

describe.runIf(queueIsHere)('mutations for recipients', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ TRUSTED_PROXIES: '127.0.0.1' });
  });
  afterEach(async () => {
    setZone(zone);
    await service.setClock(0);
  });
  afterAll(async () => service.stop());

  describe('pushMessage', () => {
    it('input.recipients specifies the recipients of the message; all that are connected receive it instantly', async () => {
      const [ann, bert, carl] = [
        await service.connect('ann'),
        await service.connect('bert'),
        await service.connect('carl'),
      ];
      await service.push(['ann', 'bert'], 'to both');
      await service.push('carl', 'to carl');
      for (const client of [ann, bert]) expect(await client.received(1)).toEqual(['to both']);
      expect(await carl.received(1)).toEqual(['to carl']);
    });

    it('input.recipients must name at least one recipient', async () => {
      const before = await storedRows(service);
      const answer = await service.graphql(
        'mutation { pushMessage(input: {recipients: [], message: "text"}) { item { id } } }',
      );
      expect(answer.errors).toMatchObject([
        {
          message: 'input.recipients must name at least one recipient.',
          extensions: { code: 'BAD_USER_INPUT', field: 'input.recipients' },
        },
      ]);
      expect(await storedRows(service)).toBe(before);
    });

    it('input.message is the text of the message to be pushed', async () => {
      const client = await service.connect('reader');
      const text = 'Ünïcödé 🚀 "quoted"\n';
      const [message] = await service.push('reader', text);
      expect(message!.message).toBe(text);
      expect(await client.received(1)).toEqual([text]);
    });

    it('input.message is mandatory', async () => {
      for (const input of ['{recipients: ["ann"]}', '{recipients: ["ann"], message: null}']) {
        const answer = await service.graphql(`mutation { pushMessage(input: ${input}) { item { id } } }`);
        expect(answer.errors[0]!.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
      }
    });

    it('input.topic: the message is pushed only to recipients labelled with this topic at creation time', async () => {
      const labelled = await service.connect({ recipient: 'label', topic: 'orders' });
      const others = [await service.connect('label'), await service.connect({ recipient: 'label', topic: 'Orders' })];
      const [message] = await service.push('label', 'with topic', { topic: 'orders' });
      await service.push('label', 'without');
      expect(message!.topic).toBe('orders');
      expect(await labelled.received(2)).toEqual(['with topic', 'without']);
      for (const client of others) expect(await client.received(1)).toEqual(['without']);
    });

    it('input.expiresAt: a recipient that opens the connection after the message has expired does not receive it', async () => {
      await service.push('late', 'expires', { expiresAt: inAnHour() });
      await service.push('late', 'stays');
      await service.setClock(2 * HOUR);
      expect(await (await service.connect('late')).received(1)).toEqual(['stays']);
    });

    it.runIf(oneProcess('It sets the clock or the time zone of the node, or reads its log.')).each(ZONES)(
      'input.expiresAt is in the GMT timezone, such as 2023-07-18T15:00:00, on a server in %s',
      async (where, minutes) => {
        setZone(where);
        expect(new Date(2023, 6, 18).getTimezoneOffset()).toBe(minutes);
        const [message] = await service.push('zones', 'text', { expiresAt: '2098-07-18T15:00:00' });
        expect(message!.expiresAt).toBe('2098-07-18T15:00:00.000Z');
        const stored = await service.messages({
          recipient: 'zones',
          expiresAt: { from: '2098-07-18T15:00:00', to: '2098-07-18T15:00:00' },
        });
        expect(stored).toContainEqual(
          expect.objectContaining({ id: message!.id, expiresAt: '2098-07-18T15:00:00.000Z' }),
        );
      },
    );

    it('results in a Message for each recipient', async () => {
      const pushed = await service.push(['one', 'two'], 'text', { topic: 'topic', expiresAt: '2098-07-18T15:00:00' });
      const message: Partial<MessageFields> = {
        message: 'text',
        topic: 'topic',
        status: 'PENDING',
        expiresAt: '2098-07-18T15:00:00.000Z',
        deliveredAt: null,
        cancelledAt: null,
        globalMessageId: null,
      };
      expect(pushed).toMatchObject([
        { ...message, recipient: 'one' },
        { ...message, recipient: 'two' },
      ]);
      expect(Object.keys(pushed[0]!)).toEqual(MESSAGE_FIELDS.split(' '));
    });
  });

  describe('registerRecipient', () => {
    it('input.recipient is any string that identifies the recipient, and recipients are not stored', async () => {
      const tables = await service.dataSource.query<unknown[]>(
        `SELECT FROM information_schema.tables WHERE table_name LIKE '%recipient%'`,
      );
      expect(tables).toHaveLength(0);
      const before = await storedRows(service);
      const client = await service.connect('Ann Müller <ann@example.org>');
      expect(await storedRows(service)).toBe(before);
      await service.push('Ann Müller <ann@example.org>', 'text');
      expect(await client.received(1)).toEqual(['text']);
    });

    it('input.sourceIp: the recipient can connect only if the request originates from this IP address', async () => {
      const uri = await service.register({ recipient: 'bound', sourceIp: '203.0.113.7' });
      const from = (address: string) => RecipientClient.connect(uri, { headers: { 'x-forwarded-for': address } });
      await (await from('203.0.113.7')).close();
      await expect(from('203.0.113.8')).rejects.toMatchObject({ status: 403 });
    });

    it('input.origin: the recipient can connect only if the request originates from this domain, as in the origin header', async () => {
      for (const origin of ['http://example.org', 'https://example.org']) {
        const uri = await service.register({ recipient: 'bound', origin });
        await (await RecipientClient.connect(uri, { origin })).close();
        const other = origin === 'http://example.org' ? 'https://example.org' : 'http://example.org';
        await expect(RecipientClient.connect(uri, { origin: other })).rejects.toMatchObject({ status: 403 });
        await expect(RecipientClient.connect(uri)).rejects.toMatchObject({ status: 403 });
      }
    });

    it('input.topic assigns a topic to the recipient: messages are channelled only to recipients labelled with it', async () => {
      const client = await service.connect({ recipient: 'channel', topic: 'sport' });
      await service.push('channel', 'culture', { topic: 'culture' });
      await service.push('channel', 'sport', { topic: 'sport' });
      expect(await client.received(1)).toEqual(['sport']);
    });

    it('sourceIp, origin and topic are optional', async () => {
      const uri = await service.register('without');
      await (await RecipientClient.connect(uri)).close();
      await (await RecipientClient.connect(uri, { origin: 'https://anywhere.example' })).close();
    });

    it('token uniquely identifies the recipient and is part of connectionUri', async () => {
      const answer = await service.graphql<{ registerRecipient: { token: string; connectionUri: string } }>(
        'mutation { registerRecipient(input: {recipient: "token"}) { token connectionUri } }',
      );
      const { token, connectionUri } = good(answer).registerRecipient;
      expect(new URL(connectionUri).searchParams.get('token')).toBe(token);
      const client = await RecipientClient.connect(connectionUri);
      await service.push('token', 'for this one alone');
      expect(await client.received(1)).toEqual(['for this one alone']);
      await client.close();
    });

    it('connectionUri is the URI at which the recipient can establish a connection to the WebSocket server', async () => {
      const uri = await service.register('uri');
      expect(uri).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+$/);
      const client = await RecipientClient.connect(uri);
      expect(client.socket.readyState).toBe(client.socket.OPEN);
      await client.close();
    });
  });
});

describe.runIf(queueIsHere)('pushGlobalMessage', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterEach(async () => {
    setZone(zone);
    await service.setClock(0);
  });
  afterAll(async () => service.stop());

  it('sends the message to all recipients that are connected, regardless of their name', async () => {
    const clients = [await service.connect('any'), await service.connect({ recipient: 'name', topic: 'some' })];
    await service.pushGlobal('to all');
    for (const client of clients) await expect.poll(() => client.messages).toContain('to all');
  });

  it('input.message is mandatory, the text of the message to be pushed', async () => {
    const answer = await service.graphql('mutation { pushGlobalMessage(input: {}) { id } }');
    expect(answer.errors[0]!.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const pushed = await service.graphql('mutation { pushGlobalMessage(input: {message: "text é"}) { message } }');
    expect(good(pushed)).toEqual({ pushGlobalMessage: { message: 'text é' } });
  });

  it('input.topic: the message is pushed only to recipients labelled with this topic at creation time', async () => {
    const labelled = await service.connect({ recipient: 'global label', topic: 'weather' });
    const other = await service.connect({ recipient: 'global label', topic: 'Weather' });
    await service.pushGlobal('with topic', { topic: 'weather' });
    await service.pushGlobal('marker');
    await expect.poll(() => labelled.messages).toEqual(expect.arrayContaining(['with topic', 'marker']));
    await expect.poll(() => other.messages).toContain('marker');
    expect(other.messages).not.toContain('with topic');
  });

  it('input.expiresAt: a recipient that opens the connection after the message has expired does not receive it', async () => {
    await service.pushGlobal('global expires', { expiresAt: inAnHour() });
    const early = await service.connect('early bird');
    await expect.poll(() => early.messages).toContain('global expires');
    await service.setClock(2 * HOUR);
    await service.push('late bird', 'marker');
    expect(await (await service.connect('late bird')).received(1)).toEqual(['marker']);
  });

  it.runIf(oneProcess('It sets the clock or the time zone of the node, or reads its log.')).each(ZONES)(
    'input.expiresAt is in the GMT timezone, such as 2023-07-18T15:00:00, on a server in %s',
    async (where, minutes) => {
      setZone(where);
      expect(new Date(2023, 6, 18).getTimezoneOffset()).toBe(minutes);
      const pushed = await service.graphql(
        'mutation { pushGlobalMessage(input: {message: "zones", topic: "zones", expiresAt: "2098-07-18T15:00:00"}) { expiresAt } }',
      );
      expect(good(pushed)).toEqual({ pushGlobalMessage: { expiresAt: '2098-07-18T15:00:00.000Z' } });
    },
  );

  it('results in a GlobalMessage: id, message, topic, expiresAt and createdAt', async () => {
    const answer = await service.graphql(
      'mutation { pushGlobalMessage(input: {message: "whole", topic: "whole", expiresAt: "2098-07-18T15:00:00"}) { id message topic expiresAt createdAt } }',
    );
    const list = await service.graphql(
      '{ globalMessages(filter: {topic: "whole"}) { items { id message topic expiresAt createdAt } } }',
    );
    expect(good(list)).toEqual({ globalMessages: { items: [good(answer)['pushGlobalMessage']] } });
  });
});
