import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource, dataSourceOptions, migrate } from '../../src/database/data-source.js';
import type { DatabaseClock } from '../../src/database/database-clock.js';
import type { DatabaseLife } from '../../src/delivery/database-life.js';
import { HousekeepingRepository } from '../../src/delivery/housekeeping.repository.js';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { PendingRepository } from '../../src/delivery/pending.repository.js';
import { ProofsRepository } from '../../src/delivery/proofs.repository.js';
import { RestoredRows } from '../../src/delivery/restored-rows.js';
import { HANDLED_EVENTS, HandledEvents } from '../../src/events/handled-events.js';
import type { GlobalMessagesFilter } from '../../src/global-messages/dto/global-message.js';
import { GlobalMessagesRepository } from '../../src/global-messages/global-messages.repository.js';
import type { MessagesFilter } from '../../src/messages/dto/messages-query.js';
import { GlobalDeliveriesRepository } from '../../src/messages/global-deliveries.repository.js';
import { MessagesRepository } from '../../src/messages/messages.repository.js';
import { Metrics } from '../../src/metrics/metrics.js';
import type { Cursor, PageBounds } from '../../src/paging/pager.js';
import { createDatabase } from '../support/database.js';
import { fillTables, LARGE_GLOBAL_MESSAGE, MESSAGES, SMALL_GLOBAL_MESSAGE } from '../support/million-messages.js';
import { explain, type Statement, statementsOf } from '../support/statements.js';

const nobody = new HandledEvents();
const everybody = new HandledEvents();
for (const eventClass of HANDLED_EVENTS) everybody.keep(eventClass);
const DAY = 86_400_000;
const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString();

const PAGE: PageBounds = {
  before: null,
  limit: 100,
  texts: { message: 1, topic: 1, recipient: 1 },
  textBytes: 1_048_576,
  timeout: 60_000,
};
/** What a statement may look at to give a page, or to do a batch of 1,000. */
const [PAGE_READS, BATCH_READS] = [1_000, 20_000];
/** What the recipient "busiest" has: its rows, and their entries in an index. */
const OF_BUSIEST = (2 * MESSAGES) / 20;

const createdAt = { from: ago(30), to: ago(30 - 1 / 24) };
/** When the last of those expire that `createdAt` means. */
const expiresAt = { from: ago(29), to: ago(29 - 1 / 24) };
const common = { topic: 'common' };
const rare = { topic: 'rare-5' };
const one = { recipient: 'recipient-5' };
const busiest = { recipient: 'busiest' };
const listener = { recipient: 'listener' };

describe('with a million messages stored, no table is scanned, and no more is read than needed', () => {
  let client: Client;
  let dataSource: DataSource;

  beforeAll(async () => {
    const url = await createDatabase(`plans_${randomBytes(6).toString('hex')}`);
    const options = dataSourceOptions(url, { databasePoolSize: 2, namespace: 'homing' });
    await migrate(options);
    client = new Client({ connectionString: url });
    await client.connect();
    await fillTables(client);
    dataSource = await new DataSource(options).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await client.end();
  });

  /** @param whole the tables that it may not read from one end to the other */
  async function expectToReadFew(
    statements: readonly Statement[],
    most: number,
    whole = /Seq Scan on messages$/,
  ): Promise<void> {
    expect(statements).not.toEqual([]);
    for (const statement of statements) {
      const { scans, read } = await explain(client, statement);
      expect(scans.filter((scan) => whole.test(scan))).toEqual([]);
      expect(read, scans.join(', ')).toBeLessThanOrEqual(most);
    }
  }

  /** The first page, and one that begins in the middle of all that is stored. */
  async function expectPagesToReadFew(
    list: (bounds: PageBounds) => Promise<unknown>,
    middle: Cursor,
    most = PAGE_READS,
  ): Promise<void> {
    for (const before of [null, middle])
      await expectToReadFew(
        await statementsOf(() => list({ ...PAGE, before })),
        most,
        /Seq Scan on (messages|global_messages|global_deliveries)/,
      );
  }

  const byTime = [ago(20), String(MESSAGES / 2)];
  const listMessages = (tenant: string, { globalMessageId, ...filter }: MessagesFilter, most = PAGE_READS) =>
    globalMessageId
      ? expectPagesToReadFew(
          (bounds) => new GlobalDeliveriesRepository(dataSource).list(tenant, globalMessageId, filter, bounds),
          [String(MESSAGES)],
        )
      : expectPagesToReadFew(
          (bounds) => new MessagesRepository(dataSource, nobody).list(tenant, filter, bounds),
          filter.recipient ? ['0', String(MESSAGES / 2)] : byTime,
          most,
        );
  const listGlobalMessages = (filter: GlobalMessagesFilter) =>
    expectPagesToReadFew(
      (bounds) => new GlobalMessagesRepository(dataSource, nobody).list('acme', filter, bounds),
      byTime,
    );

  it.each<[string, MessagesFilter, string?]>([
    ['nothing', {}],
    ['nothing, of a small tenant', {}, 'small-7'],
    ['recipient', one],
    ['recipient, who has many', busiest],
    ['recipient, whom many global messages reached', listener],
    ['a topic that is common', common],
    ['a topic that is rare', rare],
    ['a topic, of a small tenant', common, 'small-7'],
    ['recipient and topic', { ...one, ...common }],
    ['recipient and topic, many of the topic', { ...listener, ...common }],
    ['createdAt', { createdAt }],
    ['createdAt and recipient', { createdAt, ...one }],
    ['createdAt and a topic that is common', { createdAt, ...common }],
    ['createdAt and a topic that is rare', { createdAt, ...rare }],
    ['createdAt, recipient and topic', { createdAt, ...one, ...common }],
    ['expiresAt', { expiresAt }],
    ['expiresAt and recipient', { expiresAt, ...one }],
    ['expiresAt and a topic that is common', { expiresAt, ...common }],
    ['expiresAt and a topic that is rare', { expiresAt, ...rare }],
    ['expiresAt, recipient and topic', { expiresAt, ...one, ...common }],
    ['createdAt and expiresAt', { createdAt, expiresAt }],
    ['createdAt, expiresAt and recipient', { createdAt, expiresAt, ...one }],
    ['createdAt, expiresAt and a topic that is common', { createdAt, expiresAt, ...common }],
    ['globalMessageId', { globalMessageId: SMALL_GLOBAL_MESSAGE }],
    ['globalMessageId, which reached many', { globalMessageId: LARGE_GLOBAL_MESSAGE }],
    ['globalMessageId and recipient', { globalMessageId: LARGE_GLOBAL_MESSAGE, recipient: 'reader-4010' }],
    ['globalMessageId and recipient, many of both', { globalMessageId: LARGE_GLOBAL_MESSAGE, ...busiest }],
  ])('messages by %s', (_, filter, tenant = 'acme') => listMessages(tenant, filter));

  // One index leads to what the recipient has, and the rest is asked of each of these until the page is full.
  it.each<[string, MessagesFilter]>([
    ['topic, many of both', { ...busiest, ...common }],
    ['topic, many of the recipient', { ...busiest, ...rare }],
    ['createdAt', { createdAt, ...busiest }],
    ['expiresAt', { expiresAt, ...busiest }],
  ])('messages by recipient, who has many, and %s', (_, filter) => listMessages('acme', filter, OF_BUSIEST));

  it.each<[string, GlobalMessagesFilter]>([
    ['nothing', {}],
    ['a topic that is common', common],
    ['a topic that is rare', rare],
    ['createdAt', { createdAt }],
    ['expiresAt', { expiresAt }],
    ['createdAt and topic', { createdAt, ...common }],
    ['expiresAt and topic', { expiresAt, ...common }],
    ['createdAt and expiresAt', { createdAt, expiresAt }],
  ])('global messages by %s', (_, filter) => listGlobalMessages(filter));

  describe('inboxes', () => {
    const read = async (work: (inbox: InboxRepository) => Promise<unknown>) => {
      const observer = { observe: () => undefined } as unknown;
      const inbox = new InboxRepository(dataSource, observer as DatabaseClock, observer as DatabaseLife);
      await expectToReadFew(await statementsOf(() => work(inbox)), PAGE_READS);
    };
    const opening = () => new InboxRepository(dataSource, {} as DatabaseClock, {} as DatabaseLife).open();
    const request = {
      tenant: 'acme',
      ...common,
      after: 0,
      until: null,
      globals: true,
    };

    it.each([one, busiest, listener])('a backlog of $recipient', async (recipient) => {
      const { snapshot: since, at: openedAt } = await opening();
      await read((inbox) => inbox.backlog([{ ...request, ...recipient, since, openedAt }]));
    });

    it('what is PENDING for a connection that is open', () =>
      read((inbox) => inbox.backlog([{ ...request, ...busiest, since: null, openedAt: null }])));

    it('news', async () => {
      const { snapshot: since } = await opening();
      await read((inbox) =>
        inbox.news([one, busiest, listener].map((recipient) => ({ ...request, ...recipient, since }))),
      );
    });

    it('what the reconciler looks for', async () => {
      const { snapshot: since } = await opening();
      await read((inbox) =>
        inbox.look([one, busiest, listener].map((recipient) => ({ tenant: 'acme', ...common, ...recipient, since }))),
      );
    });

    it('global news', async () => {
      const { snapshot } = await opening();
      await read((inbox) => inbox.globalNews('acme', snapshot, null));
    });
  });

  it('what the metrics ask', async () => {
    // One in a hundred is PENDING: 10,000, twice where the index is read before the table.
    await expectToReadFew(await statementsOf(() => new PendingRepository(dataSource).count()), BATCH_READS + 10);
    const [walk] = await statementsOf(() => new PendingRepository(dataSource).oldest());
    await expectToReadFew([walk!], 10_000);
  });

  it('the look at restored rows', async () => {
    await expectToReadFew(await statementsOf(() => new RestoredRows(dataSource).onModuleInit()), BATCH_READS);
  });

  it.each([
    ['', nobody, 500_000],
    [', where durable handlers want to know', everybody, 600_000],
  ])('records of proofs%s', async (_, handled, from) => {
    const proofs = new ProofsRepository(dataSource, new Metrics(), handled);
    const provenAt = Date.now();
    const some = Array.from({ length: 1_000 }, (_, i) => ({ seq: from + i, provenAt }));
    const { rows } = await client.query<{ seq: string }>('SELECT seq FROM global_messages WHERE id = $1', [
      SMALL_GLOBAL_MESSAGE,
    ]);
    const reached = {
      seq: Number(rows[0]?.seq),
      recipients: some.map(({ seq }) => `reached-${seq}`),
      provenAt: some.map(() => provenAt),
    };
    await expectToReadFew(await statementsOf(() => proofs.record(some)), BATCH_READS);
    await expectToReadFew(await statementsOf(() => proofs.recordGlobal([reached])), BATCH_READS);
  });

  // These change what is stored.
  it.each([
    ['', nobody],
    [', where durable handlers want to know', everybody],
  ])('expiry%s', async (_, handled) => {
    await expectToReadFew(
      await statementsOf(() => new HousekeepingRepository(dataSource, handled).cancelExpired()),
      BATCH_READS,
    );
  });

  it('retention', async () => {
    await expectToReadFew(
      await statementsOf(() => new HousekeepingRepository(dataSource, nobody).removeOld(40 * DAY - DAY / 24)),
      BATCH_READS,
    );
  });
});
