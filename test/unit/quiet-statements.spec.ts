import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataSource, dataSourceOptions, migrate } from '../../src/database/data-source.js';
import { HousekeepingRepository } from '../../src/delivery/housekeeping.repository.js';
import { ProofsRepository } from '../../src/delivery/proofs.repository.js';
import { HandledEvents } from '../../src/events/handled-events.js';
import { GlobalMessagesRepository } from '../../src/global-messages/global-messages.repository.js';
import { MessageWriter } from '../../src/messages/message-writer.js';
import { MessagesRepository } from '../../src/messages/messages.repository.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { createDatabase } from '../support/database.js';
import { statementsOf } from '../support/statements.js';

const nobody = new HandledEvents();
const EXPIRED = `
  INSERT INTO messages (tenant, recipient, message, expires_at, created_at, txid)
  VALUES ('acme', 'late', 'a', '2020-01-01', '2019-01-01', 1)`;
const PAGE = {
  before: null,
  limit: 1,
  texts: { message: 1, topic: 1, recipient: 1 },
  textBytes: 1_048_576,
  timeout: 60_000,
};
let dataSource: DataSource;
beforeAll(async () => {
  const url = await createDatabase(`quiet_${randomBytes(6).toString('hex')}`);
  const options = dataSourceOptions(url, { databasePoolSize: 2, namespace: 'homing' });
  await migrate(options);
  dataSource = await new DataSource(options).initialize();
});
afterAll(() => dataSource.destroy());

// Handlers of domain events have statements of their own, so that who has none pays nothing for them. These are the ones without:
// who changes one on purpose writes its new hash here.
it.each<[string, () => Promise<unknown>, string]>([
  [
    'a push',
    () =>
      new MessageWriter(dataSource, nobody).store({
        ...{ tenant: 'acme', ids: [randomUUID()], recipients: ['ann'] },
        ...{ message: 'a', topic: null, expiresAt: null },
      }),
    'a9eafa64592c0159',
  ],
  [
    'a global push',
    () =>
      new GlobalMessagesRepository(dataSource, nobody).insert({
        tenant: 'acme',
        message: 'a',
        topic: null,
        expiresAt: null,
      }),
    '7dfe07dab7613e0f',
  ],
  [
    'a proof',
    () => new ProofsRepository(dataSource, new Metrics(), nobody).record([{ seq: 1, provenAt: 1 }]),
    '98dd2b37a9732597',
  ],
  [
    'a proof of a global message',
    () =>
      new ProofsRepository(dataSource, new Metrics(), nobody).recordGlobal([
        { seq: 2, recipients: ['ann'], provenAt: [1] },
      ]),
    '22884203dbd7d5ae',
  ],
  [
    'a listing of what has expired',
    () => new MessagesRepository(dataSource, nobody).list('acme', { recipient: 'late' }, PAGE),
    '7c3e7b13d25d54ac',
  ],
  ['an expiry', () => new HousekeepingRepository(dataSource, nobody).cancelExpired(), 'e16f070ed991834f'],
])('where nobody handles its event, %s is the statement that it was', async (_, work, hash) => {
  await dataSource.query(EXPIRED);
  const statements = (await statementsOf(work)).filter(({ text }) => /\b(INSERT|UPDATE)\b/.test(text));
  expect(statements).toHaveLength(1);
  expect(createHash('sha256').update(statements[0]!.text).digest('hex').slice(0, 16)).toBe(hash);
});
