import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, good, MESSAGE_FIELDS, type MessageFields, queueIsHere, Service } from '../support/service.js';

type GlobalFields = Pick<MessageFields, 'id' | 'message' | 'topic' | 'expiresAt' | 'createdAt'>;
interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | null;
}

const MESSAGES = `query($filter: MessagesFilter, $nextToken: String, $limit: Int) {
  page: messages(filter: $filter, nextToken: $nextToken, limit: $limit) { items { ${MESSAGE_FIELDS} } nextToken } }`;
const GLOBAL_MESSAGES = `query($filter: GlobalMessagesFilter, $nextToken: String, $limit: Int) {
  page: globalMessages(filter: $filter, nextToken: $nextToken, limit: $limit) { items { id message topic expiresAt createdAt } nextToken } }`;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HOUR = 3_600_000;

/** Pushed at these times, and expiring at those; all of them also as global messages. */
const PUSHED = [
  { text: 'first', createdAt: '2023-07-18T00:00:00.000Z', topic: 'orders', expiresAt: '2098-07-18T00:00:00.000Z' },
  { text: 'second', createdAt: '2023-07-18T23:59:59.999Z', topic: 'Orders', expiresAt: '2098-07-18T23:59:59.999Z' },
  { text: 'third', createdAt: '2023-07-19T00:00:00.000Z', topic: 'orders', expiresAt: undefined },
];
const NEWEST_FIRST = ['third', 'second', 'first'];

/** Both queries have these, and the filters of both. */
describe.runIf(queueIsHere).each(['messages', 'globalMessages'] as const)('%s', (query) => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ MESSAGE_RETENTION: '36500d' });
    for (const { text, createdAt, topic, expiresAt } of PUSHED) {
      await service.push('ann', text, { topic, ...(expiresAt && { expiresAt }) });
      await service.pushGlobal(text, { topic, ...(expiresAt && { expiresAt }) });
      for (const table of ['messages', 'global_messages'])
        await service.dataSource.query(`UPDATE ${table} SET created_at = $1 WHERE message = $2`, [createdAt, text]);
    }
  });
  afterAll(async () => service.stop());

  async function page(variables: object = {}): Promise<Page<GlobalFields>> {
    const document = query === 'messages' ? MESSAGES : GLOBAL_MESSAGES;
    const answer: Answer<{ page: Page<GlobalFields> }> = await service.graphql(document, variables);
    return good(answer).page;
  }
  const texts = async (filter?: object) => (await page({ filter })).items.map(({ message }) => message);

  it('filter: zero or more options can be specified, which are joined by a logical AND', async () => {
    expect(await texts()).toEqual(NEWEST_FIRST);
    expect(await texts({})).toEqual(NEWEST_FIRST);
    const both = { topic: 'orders', createdAt: { to: '2023-07-18' } };
    expect(await texts(both)).toEqual(['first']);
    expect(await texts({ ...both, expiresAt: { from: '2098-07-19' } })).toEqual([]);
  });

  it('filter.topic lists only messages that were sent with this specific topic', async () => {
    expect(await texts({ topic: 'orders' })).toEqual(['third', 'first']);
    expect(await texts({ topic: 'ORDERS' })).toEqual([]);
  });

  it('filter.createdAt lists only messages pushed within this date range', async () => {
    expect(await texts({ createdAt: { from: '2023-07-18', to: '2023-07-18' } })).toEqual(['second', 'first']);
    expect(await texts({ createdAt: { from: '2023-07-19', to: '2023-07-19' } })).toEqual(['third']);
    expect(await texts({ createdAt: {} })).toEqual(NEWEST_FIRST);
  });

  it('filter.expiresAt lists only messages with expiry date within this date range', async () => {
    expect(await texts({ expiresAt: { from: '2098-07-18', to: '2098-07-18' } })).toEqual(['second', 'first']);
    expect(await texts({ expiresAt: { from: '2098-07-18T00:00:00.001Z' } })).toEqual(['second']);
    expect(await texts({ expiresAt: { to: '2098-07-17' } })).toEqual([]);
  });

  it('DateTimeFilter.from specifies the start date of the date range, itself included', async () => {
    expect(await texts({ createdAt: { from: '2023-07-18T23:59:59.999' } })).toEqual(['third', 'second']);
    expect(await texts({ createdAt: { from: '2023-07-19T02:00:00+02:00' } })).toEqual(['third']);
    expect(await texts({ createdAt: { from: '2023-07-19T00:00:00.001Z' } })).toEqual([]);
  });

  it('DateTimeFilter.to specifies the end date of the date range, itself included', async () => {
    expect(await texts({ createdAt: { to: '2023-07-18T00:00:00' } })).toEqual(['first']);
    expect(await texts({ createdAt: { to: '2023-07-18' } })).toEqual(['second', 'first']);
    expect(await texts({ createdAt: { to: '2023-07-17T23:59:59.999Z' } })).toEqual([]);
  });

  it('nextToken fetches the next set of query results, with the same filter', async () => {
    const filter = { topic: 'orders' };
    const first = await page({ filter, limit: 1 });
    expect(first).toMatchObject({ items: [{ message: 'third' }], nextToken: expect.any(String) });
    const second = await page({ filter, limit: 1, nextToken: first.nextToken });
    expect(second.items).toMatchObject([{ message: 'first' }]);
  });

  it('nextToken is null when the query has reached the end of the list of results', async () => {
    expect((await page()).nextToken).toBeNull();
    expect((await page({ limit: 3 })).nextToken).toBeNull();
    expect((await page({ filter: { topic: 'nothing' } })).nextToken).toBeNull();
    const { nextToken } = await page({ limit: 2 });
    expect(await page({ limit: 2, nextToken })).toMatchObject({ items: [{ message: 'first' }], nextToken: null });
  });

  it('items is the list of messages that match the filter criteria, newest first', async () => {
    expect((await page()).items).toHaveLength(3);
    expect((await page({ filter: { topic: 'nothing' } })).items).toEqual([]);
  });

  it('id is the unique identifier of the message', async () => {
    const ids = (await page()).items.map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(ID);
  });

  it('message is the text of the message', async () => {
    expect(await texts()).toEqual(NEWEST_FIRST);
  });

  it('topic is the topic with which the message was sent, or null', async () => {
    await service.push('topics', 'without topic');
    const id = await service.pushGlobal('without topic');
    expect((await page()).items.map(({ topic }) => topic)).toEqual([null, 'orders', 'Orders', 'orders']);
    await service.dataSource.query(`DELETE FROM messages WHERE message = 'without topic'`);
    await service.dataSource.query('DELETE FROM global_messages WHERE id = $1', [id]);
  });

  it('expiresAt is the date and time when the message is due to expire, or null', async () => {
    const expiries = (await page()).items.map(({ expiresAt }) => expiresAt);
    expect(expiries).toEqual([null, '2098-07-18T23:59:59.999Z', '2098-07-18T00:00:00.000Z']);
  });

  it('createdAt is the date and time when the message was created', async () => {
    const times = (await page()).items.map(({ createdAt }) => createdAt);
    expect(times).toEqual(PUSHED.map(({ createdAt }) => createdAt).reverse());
  });
});

describe.runIf(queueIsHere)('messages alone', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  it('are those pushed to specific recipients (that is, not globally)', async () => {
    await service.push('specific', 'to one');
    await service.pushGlobal('to all');
    expect((await service.messages()).map(({ message }) => message)).toEqual(['to one']);
  });

  it('filter.recipient lists only messages sent to this recipient', async () => {
    await service.push(['ann', 'Ann', 'bert'], 'text');
    expect((await service.messages({ recipient: 'ann' })).map(({ recipient }) => recipient)).toEqual(['ann']);
    expect(await service.messages({ recipient: 'an' })).toEqual([]);
  });

  it('filter.globalMessageId lists only messages where the globalMessageId attribute matches this value', async () => {
    const client = await service.connect('reached');
    const [first, second] = [await service.pushGlobal('one'), await service.pushGlobal('two')];
    await client.received(2);
    for (const id of [first, second]) {
      await expect
        .poll(() => service.messages({ globalMessageId: id }))
        .toMatchObject([{ recipient: 'reached', globalMessageId: id, status: 'DELIVERED' }]);
    }
    expect(await service.messages({ globalMessageId: '00000000-0000-4000-8000-000000000000' })).toEqual([]);
    await client.close();
  });

  it('recipient is the name of the recipient to which the message was pushed', async () => {
    const names = ['d9f3c17a-c6de-4e5e-b42b-98fbfb46a108', 'any other string: é 🚀'];
    await service.push(names, 'to names');
    for (const recipient of names) expect(await service.messages({ recipient })).toMatchObject([{ recipient }]);
  });

  it('status is PENDING, DELIVERED or CANCELLED; deliveredAt and cancelledAt are when that was', async () => {
    const [pending] = await service.push('away', 'waits');
    await service.connect('there');
    const [pushed] = await service.push('there', 'arrives');
    const expiresAt = new Date(Date.now() + HOUR).toISOString();
    const [expiring] = await service.push('away', 'expires', { expiresAt });
    const delivered = await service.settled(pushed!.id, 'DELIVERED');
    expect(delivered.deliveredAt).toMatch(INSTANT);
    expect(Date.parse(delivered.deliveredAt!)).toBeGreaterThanOrEqual(Date.parse(delivered.createdAt));
    expect(delivered.cancelledAt).toBeNull();
    await service.setClock(2 * HOUR);
    expect(await service.settled(expiring!.id, 'CANCELLED')).toMatchObject({
      cancelledAt: expiresAt,
      deliveredAt: null,
    });
    expect(await service.settled(pending!.id, 'PENDING')).toMatchObject({ cancelledAt: null, deliveredAt: null });
    await service.setClock(0);
  });

  it('globalMessageId is the global identifier of the message, or null', async () => {
    await service.connect('both');
    const [direct] = await service.push('both', 'to one');
    const id = await service.pushGlobal('to all of them');
    await expect
      .poll(() => service.messages({ globalMessageId: id, recipient: 'both' }))
      .toMatchObject([{ globalMessageId: id, message: 'to all of them' }]);
    expect(direct!.globalMessageId).toBeNull();
  });
});
