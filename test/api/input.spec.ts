import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, good, queueIsHere, Service } from '../support/service.js';

const PUSH =
  'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id recipient } error { message } } }';
const REGISTER = 'mutation($input: RegisterRecipientInput!) { registerRecipient(input: $input) { token } }';
const GLOBAL = 'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id } }';
const LIST =
  'query($filter: MessagesFilter, $nextToken: String, $limit: Int) { messages(filter: $filter, nextToken: $nextToken, limit: $limit) { items { id message createdAt } nextToken } }';
const GLOBALS =
  'query($filter: GlobalMessagesFilter, $limit: Int) { globalMessages(filter: $filter, limit: $limit) { items { id message topic } nextToken } }';

interface Page {
  readonly messages: { readonly items: { readonly message: string }[]; readonly nextToken: string | null };
}

describe.runIf(queueIsHere)('the API', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ MAX_RECIPIENTS: '5' });
  });
  afterAll(async () => service.stop());

  function expectBadInput(answer: Answer, field?: string): void {
    expect(answer.errors[0]?.extensions.code, answer.text).toBe('BAD_USER_INPUT');
    if (field) expect(answer.errors[0]?.extensions.field).toBe(field);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).not.toMatch(/select|insert|node_modules|stack/i);
  }

  it.each([
    ['no recipient', { recipients: [], message: 'x' }, 'input.recipients'],
    ['too many recipients', { recipients: ['a', 'b', 'c', 'd', 'e', 'f'], message: 'x' }, 'input.recipients'],
    ['a text of more than 64 KiB of UTF-8', { recipients: ['a'], message: 'é'.repeat(32_769) }, 'input.message'],
    ['a text with U+0000', { recipients: ['a'], message: 'a\u0000b' }, 'input.message'],
    ['an empty topic', { recipients: ['a'], message: 'x', topic: '' }, 'input.topic'],
    ['a topic of 257 characters', { recipients: ['a'], message: 'x', topic: 't'.repeat(257) }, 'input.topic'],
    ['an expiry in the past', { recipients: ['a'], message: 'x', expiresAt: '2023-07-18T15:00:00' }, 'input.expiresAt'],
    ['an expiry that is no date', { recipients: ['a'], message: 'x', expiresAt: '2023-02-30' }, undefined],
  ])('refuses %s with BAD_USER_INPUT, and stores nothing', async (_what, input, field) => {
    const before = (await service.messages()).length;
    expectBadInput(await service.graphql(PUSH, { input }), field);
    expect((await service.messages()).length).toBe(before);
  });

  it('refuses a lone surrogate, written as an escape in the document', async () => {
    expectBadInput(
      await service.post(
        '{"query":"mutation($m:String!){pushMessage(input:{recipients:[\\"a\\"],message:$m}){item{id}}}","variables":{"m":"\\ud800"}}',
      ),
      'input.message',
    );
  });

  it.each([
    ['an empty recipient', { recipient: '' }, 'input.recipient'],
    ['an address that is none', { recipient: 'a', sourceIp: '1.2.3' }, 'input.sourceIp'],
    ['an origin with a path', { recipient: 'a', origin: 'https://example.org/x' }, 'input.origin'],
    ['an origin of many hosts', { recipient: 'a', origin: 'https://*.example.org' }, 'input.origin'],
    ['a long origin', { recipient: 'a', origin: `https://${'a.'.repeat(147)}` }, 'input.origin'],
    ['a long address', { recipient: 'a', sourceIp: `fe80::1%${'a'.repeat(57)}` }, 'input.sourceIp'],
    ['an origin of another scheme', { recipient: 'a', origin: 'ftp://example.org' }, 'input.origin'],
  ])('refuses to register %s', async (_what, input, field) => {
    expectBadInput(await service.graphql(REGISTER, { input }), field);
  });

  it('says what an origin must be', async () => {
    const answer = await service.graphql(REGISTER, { input: { recipient: 'a', origin: 'null' } });
    expect(answer.errors[0]!.message).toMatch(/^input\.origin must be an origin such as https:\/\/example\.org\b/);
  });

  it.each([
    ['limit 0', { limit: 0 }, 'limit'],
    ['limit 1001', { limit: 1_001 }, 'limit'],
    ['a date that is none', { filter: { createdAt: { from: 'yesterday' } } }, 'filter.createdAt.from'],
    ['a globalMessageId that is none', { filter: { globalMessageId: 'x' } }, 'filter.globalMessageId'],
    ['a recipient with U+0000', { filter: { recipient: '\u0000' } }, 'filter.recipient'],
    ['a nextToken that is none', { nextToken: 'x' }, 'nextToken'],
  ])('refuses to list with %s', async (_what, variables, field) => {
    expectBadInput(await service.graphql(LIST, variables), field);
  });

  it('answers a body that is no JSON, or is too large, with a GraphQL error and a 4xx', async () => {
    expect(await service.post('{"query')).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
    const large = JSON.stringify({ query: '{version}', variables: { x: 'x'.repeat(9 * 1_048_576) } });
    expect(await service.post(large)).toMatchObject({ status: 413, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it('refuses documents that are too deep, too wide or have too many aliases', async () => {
    const aliases = Array.from({ length: 31 }, (_, i) => `a${i}: version`).join(' ');
    expectBadInput(await service.graphql(`{ ${aliases} }`));
    expectBadInput(
      await service.graphql(
        `{ __schema { ${'types { fields { type { '.repeat(1)} ${'ofType { '.repeat(20)} name ${'} '.repeat(23)} } }`,
      ),
    );
  });

  it('pushes to each recipient once, in input order; one that can not be used is its own error', async () => {
    const answer = await service.graphql(PUSH, {
      input: { recipients: ['b', '', 'a', 'b'], message: 'x'.repeat(65_536) },
    });
    expect(good(answer)['pushMessage']).toMatchObject([
      { item: { recipient: 'b' }, error: null },
      { item: null, error: { message: 'The recipient must not be empty.' } },
      { item: { recipient: 'a' }, error: null },
    ]);
  });

  it('reads times without an offset as GMT, and gives them with Z and milliseconds', async () => {
    const [plain] = await service.push('dates', 'x', { expiresAt: '2099-07-18T15:00:00' });
    const [offset] = await service.push('dates', 'x', { expiresAt: '2099-07-18T17:00:00.5+02:00' });
    expect(plain!.expiresAt).toBe('2099-07-18T15:00:00.000Z');
    expect(offset!.expiresAt).toBe('2099-07-18T15:00:00.500Z');
    const inRange = async (expiresAt: object) => (await service.messages({ recipient: 'dates', expiresAt })).length;
    expect(await inRange({ from: '2099-07-18', to: '2099-07-18' })).toBe(2);
    expect(await inRange({ from: '2099-07-18T15:00:00', to: '2099-07-18T15:00:00Z' })).toBe(1);
    expect(await inRange({ to: '2099-07-17' })).toBe(0);
    expect(await inRange({ from: '2099-07-19' })).toBe(0);
  });

  it('pages newest first; what is pushed in between neither repeats nor hides a message; tokens are bound', async () => {
    for (let i = 0; i < 5; i += 1) await service.push('pages', `m${i}`);
    const filter = { recipient: 'pages' };
    const first = good(await service.graphql<Page>(LIST, { filter, limit: 2 })).messages;
    await service.push('pages', 'new');
    const second = good(await service.graphql<Page>(LIST, { filter, limit: 2, nextToken: first.nextToken })).messages;
    const third = good(await service.graphql<Page>(LIST, { filter, limit: 2, nextToken: second.nextToken })).messages;
    expect([first, second, third].flatMap(({ items }) => items.map(({ message }) => message))).toEqual([
      'm4',
      'm3',
      'm2',
      'm1',
      'm0',
    ]);
    expect(third.nextToken).toBeNull();
    expectBadInput(
      await service.graphql(LIST, { filter: { recipient: 'other' }, nextToken: first.nextToken }),
      'nextToken',
    );
    const key = await service.createKey({ tenant: 'other' });
    expectBadInput(await service.graphql(LIST, { filter, nextToken: first.nextToken }, key), 'nextToken');
    expectBadInput(
      await service.graphql(LIST, {
        filter,
        nextToken: `${first.nextToken!.slice(0, -1)}${first.nextToken!.endsWith('A') ? 'B' : 'A'}`,
      }),
      'nextToken',
    );
  });

  it('lists directly pushed messages alone unless a globalMessageId is given, and keeps global ones apart', async () => {
    const client = await service.connect('reach');
    const id = await service.pushGlobal('to all', { expiresAt: '2099-01-01' });
    expect(await client.received(1)).toEqual(['to all']);
    expect(await service.messages({ recipient: 'reach' })).toEqual([]);
    const globals = await service.graphql<{ globalMessages: { items: { id: string }[] } }>(GLOBALS, {
      filter: { expiresAt: { from: '2099-01-01', to: '2099-01-01' } },
    });
    expect(good(globals).globalMessages.items.map((item) => item.id)).toEqual([id]);
    expectBadInput(await service.graphql(GLOBAL, { input: { message: 'x', topic: '' } }), 'input.topic');
  });
});
