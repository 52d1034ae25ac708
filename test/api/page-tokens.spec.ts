import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingStored, expectRefusal } from '../support/refusal.js';
import { type Answer, good, queueIsHere, Service } from '../support/service.js';

interface Pages {
  readonly messages?: { readonly items: { id: string }[]; readonly nextToken: string | null };
  readonly globalMessages?: { readonly items: { id: string }[]; readonly nextToken: string | null };
}

const DAY = { from: '2023-01-01', to: '2099-01-01' };

describe.runIf(queueIsHere)('a nextToken', () => {
  let service: Service;
  let token: string;
  const filter = { topic: 'topic', createdAt: DAY };
  beforeAll(async () => {
    service = await Service.start();
    for (let i = 0; i < 3; i += 1) {
      await service.push('ann', `text ${i}`, { topic: 'topic' });
      await service.pushGlobal(`text ${i}`, { topic: 'topic' });
    }
    token = good(await list('messages', { filter, limit: 1 })).messages?.nextToken ?? '';
  });
  afterEach(async () => expectNothingStored(service, 6));
  afterAll(async () => service.stop());

  function list(query: 'messages' | 'globalMessages', variables: object, key?: string): Promise<Answer<Pages>> {
    const type = query === 'messages' ? 'MessagesFilter' : 'GlobalMessagesFilter';
    return service.graphql<Pages>(
      `query($filter: ${type}, $nextToken: String, $limit: Int) { ${query}(filter: $filter, nextToken: $nextToken, limit: $limit) { items { id } nextToken } }`,
      variables,
      key,
    );
  }

  it('fetches the next page, again and again, and with another limit', async () => {
    for (const limit of [1, 2, 1_000, undefined, null]) {
      const page = good(await list('messages', { filter, nextToken: token, limit })).messages;
      expect(page?.items).toHaveLength(limit === 1 ? 1 : 2);
    }
  });

  it('is good for a filter that means the same', async () => {
    const same = { createdAt: { to: DAY.to, from: DAY.from }, recipient: null, topic: 'topic', globalMessageId: null };
    expect(good(await list('messages', { filter: same, nextToken: token })).messages?.items).toHaveLength(2);
  });

  it.each([
    ['no filter', {}],
    ['an empty filter', { filter: {} }],
    ['another topic', { filter: { ...filter, topic: 'Topic' } }],
    ['one condition less', { filter: { topic: 'topic' } }],
    ['one condition more', { filter: { ...filter, recipient: 'ann' } }],
    ['another range', { filter: { ...filter, createdAt: { from: DAY.from } } }],
    ['the range of another field', { filter: { topic: 'topic', expiresAt: DAY } }],
  ])('is bad input with %s', async (_what, variables) => {
    expectRefusal(await list('messages', { ...variables, nextToken: token }), 'BAD_USER_INPUT', 'nextToken');
  });

  it('is bad input for the other query', async () => {
    expectRefusal(await list('globalMessages', { filter, nextToken: token }), 'BAD_USER_INPUT', 'nextToken');
    const other = good(await list('globalMessages', { filter, limit: 1 })).globalMessages?.nextToken;
    expect(good(await list('globalMessages', { filter, nextToken: other })).globalMessages?.items).toHaveLength(2);
    expectRefusal(await list('messages', { filter, nextToken: other }), 'BAD_USER_INPUT', 'nextToken');
  });

  it('is bad input for another tenant', async () => {
    const key = await service.createKey({ tenant: 'other' });
    expectRefusal(await list('messages', { filter, nextToken: token }, key), 'BAD_USER_INPUT', 'nextToken');
  });

  it('is good for another key of the tenant', async () => {
    const key = await service.createKey({ name: 'another' });
    expect(good(await list('messages', { filter, nextToken: token }, key)).messages?.items).toHaveLength(2);
  });

  it('is bad input when any one of its characters was changed, left out or doubled', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let i = 0; i < token.length; i += 1) {
      const other = alphabet[(alphabet.indexOf(token[i]!) + 1) % alphabet.length]!;
      for (const character of [other, '', token[i]! + token[i]!]) {
        const changed = token.slice(0, i) + character + token.slice(i + 1);
        expectRefusal(await list('messages', { filter, nextToken: changed }), 'BAD_USER_INPUT', 'nextToken');
      }
    }
  });

  it('is bad input when it is the token of a recipient, or an access key', async () => {
    const recipientToken = new URL(await service.register('ann')).searchParams.get('token');
    for (const nextToken of [recipientToken, service.key])
      expectRefusal(await list('messages', { filter, nextToken }), 'BAD_USER_INPUT', 'nextToken');
  });

  it('tells its holder nothing', () => {
    const bytes = Buffer.from(token, 'base64url').toString('latin1');
    for (const secret of ['acme', 'topic', 'before', 'bound']) expect(bytes).not.toContain(secret);
  });
});
