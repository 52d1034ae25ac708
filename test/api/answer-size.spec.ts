import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, storedRows } from '../support/refusal.js';
import { good, queueIsHere, Service } from '../support/service.js';

interface Page {
  readonly items: { id: string; message: string }[];
  readonly nextToken: string | null;
}

const KIB = 1_024;
const BOUND = 1_024 * KIB;
const TEXT = 'x'.repeat(64 * KIB);
const TWICE = ' fragment twice on Message { message again: message }';
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `r${i}`);
const aliases = (count: number, field: string): string =>
  Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ');

describe.runIf(queueIsHere)('an answer', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({
      MAX_ANSWER_SIZE: '1MiB',
      MAX_MESSAGE_SIZE: '1MiB',
      MAX_QUERY_COST: '1000',
      MAX_QUERY_ALIASES: '100',
    });
  });
  // With a cost that lets many fields through.
  let small: Service;
  beforeAll(async () => {
    small = await Service.start({ MAX_ANSWER_SIZE: '1MiB', MAX_QUERY_ALIASES: '100' });
  });
  afterAll(async () => {
    await service.stop();
    await small.stop();
  });

  const push = (recipients: string[], message: string, selection: string, key?: string) =>
    service.graphql<{ pushMessage: object[] }>(
      `mutation($input: MessageInput!) { pushMessage(input: $input) { ${selection} } }${selection.includes('...twice') ? TWICE : ''}`,
      { input: { recipients, message } },
      key,
    );

  describe('to a push', () => {
    it.each([
      ['selects it', 17, 'item { message }'],
      ['selects it three times', 6, 'item { one: message two: message three: message }'],
      ['spreads it', 5, 'item { ...twice } ...on PushMessageResult { other: item { ...twice } }'],
    ])('that %s never repeats more text than MAX_ANSWER_SIZE: nothing is stored', async (_what, count, selection) => {
      const before = await storedRows(service);
      expectRefusal(await push(names(count), TEXT, selection), 'BAD_USER_INPUT', 'input.message');
      expect(await storedRows(service)).toBe(before);
    });

    it('counts bytes of UTF-8', async () => {
      const selection = 'item { ...twice }';
      expect(good(await push(['a'], 'é'.repeat(BOUND / 4), selection)).pushMessage).toHaveLength(1);
      expectRefusal(await push(['a'], 'é'.repeat(BOUND / 4 + 1), selection), 'BAD_USER_INPUT', 'input.message');
    });

    it.each([
      ['its topic', 'topic', 'x'.repeat(200), 200, 27],
      ['its topic, in the bytes of JSON', 'topic', '\u0001'.repeat(200), 200, 5],
      ['its recipients', 'recipient', 'x', 200, 27],
    ])(
      'that repeats %s never has more of it than MAX_ANSWER_SIZE: nothing is stored',
      async (_what, field, topic, rows, times) => {
        const before = await storedRows(service);
        const recipients = names(rows).map((name) => name.padEnd(200, 'x'));
        const send = (count: number) =>
          small.graphql(
            `mutation($input: MessageInput!) { pushMessage(input: $input) { item { ${aliases(count, field)} } } }`,
            { input: { recipients, message: '', topic } },
            small.key,
          );
        expectRefusal(await send(times), 'BAD_USER_INPUT', 'input.message');
        expect(await storedRows(small)).toBe(0);
        expect(before).toBe(await storedRows(service));
        good(await send(times - 1));
        await small.dataSource.query('TRUNCATE messages');
      },
    );

    it('counts what the names of its fields take', async () => {
      const alias = 'a'.repeat(30_000);
      const input = `{recipients: ${JSON.stringify(names(40))}, message: ""}`;
      expectRefusal(
        await service.graphql(`mutation { pushMessage(input: ${input}) { ${alias}: __typename } }`),
        'BAD_USER_INPUT',
        'input.recipients',
      );
    });

    it('that leaves the text out may be to any number; the sentence of an error is not a text', async () => {
      const selection = 'item { id } error { message } ...on PushMessageResult { error { again: message } }';
      const answer = await push([...names(40), ''], TEXT, `${selection} other: item { id ...on Message { topic } }`);
      expect(good(answer).pushMessage).toHaveLength(41);
    });

    it('costs no more than MAX_QUERY_COST, counted over the whole operation: nothing is stored', async () => {
      const before = await storedRows(service);
      const input = `{recipients: ${JSON.stringify(names(101))}, message: ""}`;
      for (const query of [
        `mutation { pushMessage(input: ${input}) { item { ${aliases(8, 'id')} } } }`,
        `mutation { pushMessage(input: ${input}) { item { ...f } other: item { ...f } } } fragment f on Message { ${aliases(4, 'id')} }`,
        `mutation { ${aliases(5, `pushMessage(input: ${input}) { __typename }`)} }`,
      ])
        expectRefusal(await service.graphql(query), 'BAD_USER_INPUT', 'input.recipients');
      expect(await storedRows(service)).toBe(before);
      good(await service.graphql(`mutation { pushMessage(input: ${input}) { item { ${aliases(7, 'id')} } } }`));
    });

    it('to all repeats no more text than MAX_ANSWER_SIZE either', async () => {
      const before = await storedRows(service);
      const query =
        'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { message again: message } }';
      const answer = await service.graphql(query, { input: { message: 'x'.repeat(BOUND / 2 + 1) } });
      expectRefusal(answer, 'BAD_USER_INPUT', 'input.message');
      expect(await storedRows(service)).toBe(before);
    });
  });

  describe.each(['messages', 'globalMessages'])('to %s', (query) => {
    let key: string;
    beforeAll(async () => {
      key = await service.createKey({ tenant: `pages-${query}` });
      for (let i = 0; i < 20; i += 1)
        if (query === 'messages') good(await push(['ann', 'bert'], TEXT, 'item { id }', key));
        else for (let j = 0; j < 2; j += 1) await service.pushGlobal(TEXT, {}, key);
    });

    const list = async (selection: string, nextToken: string | null = null): Promise<Page> =>
      good(
        await service.graphql<Record<string, Page>>(
          `query($nextToken: String) { ${query}(limit: 100, nextToken: $nextToken) { items { ${selection} } nextToken } }`,
          { nextToken },
          key,
        ),
      )[query]!;

    it('ends where its texts reach MAX_ANSWER_SIZE, each counted as often as it is selected; the next page goes on', async () => {
      for (const [selection, size] of [
        ['id message', 16],
        ['id message again: message third: message', 5],
      ] as const) {
        const ids: string[] = [];
        let token: string | null = null;
        do {
          const page: Page = await list(selection, token);
          expect(page.items).toHaveLength(Math.min(size, 40 - ids.length));
          expect(page.items.every(({ message }) => message === TEXT)).toBe(true);
          ids.push(...page.items.map(({ id }) => id));
          token = page.nextToken;
        } while (token !== null);
        expect(new Set(ids).size).toBe(40);
      }
    });

    it('ends where its topics reach MAX_ANSWER_SIZE, and where texts do in the bytes of JSON', async () => {
      const other = await small.createKey({ tenant: `topics-${query}` });
      const topic = 'x'.repeat(250);
      for (let i = 0; i < 100; i += 1)
        if (query === 'messages') await small.push('ann', '\u0001'.repeat(2_000), { topic }, other);
        else await small.pushGlobal('\u0001'.repeat(2_000), { topic }, other);
      for (const [selection, size] of [
        [aliases(60, 'topic'), Math.floor(BOUND / 60 / 250)],
        ['message', Math.floor(BOUND / 6 / 2_000)],
      ] as const) {
        const answer = await small.graphql<Record<string, Page>>(
          `{ ${query}(limit: 100) { items { ${selection} } nextToken } }`,
          {},
          other,
        );
        const page = good(answer)[query]!;
        expect(page.items).toHaveLength(size);
        expect(page.nextToken).toBeTruthy();
      }
    });

    it('is a whole page when no text is selected', async () => {
      const page = await list('id');
      expect(page.items).toHaveLength(40);
      expect(page.nextToken).toBeNull();
    });

    it('has one item at least', async () => {
      for (let i = 0; i < 2; i += 1)
        if (query === 'messages') good(await push(['large'], 'x'.repeat(BOUND), 'item { id }', key));
        else await service.pushGlobal('x'.repeat(BOUND), {}, key);
      const page = await list('id message again: message');
      expect(page.items).toHaveLength(1);
      expect(page.nextToken).not.toBeNull();
      expect(page.items[0]!.message).toHaveLength(BOUND);
    });

    it('costs no more than MAX_QUERY_COST, counted over the whole operation', async () => {
      for (const document of [
        `{ ${query}(limit: 101) { items { ${aliases(8, 'id')} } } }`,
        `{ ${query} { items { ${aliases(9, 'id')} } } }`,
        `{ ${aliases(5, `${query}(limit: 101) { nextToken }`)} }`,
      ])
        expectRefusal(await service.graphql(document, {}, key), 'BAD_USER_INPUT', 'limit');
      good(await service.graphql(`{ ${query} { items { ${aliases(8, 'id')} } } }`, {}, key));
    });
  });

  it('that shows no text does not read it', async () => {
    const runner = service.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      await runner.query('LOCK TABLE global_messages IN ACCESS EXCLUSIVE MODE');
      good(await service.graphql('{ messages(limit: 10) { items { id } } }'));
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  });
});
