import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { GlobalFeeds } from '../../src/gateway/global-feeds.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { needsOneProcess, queueIsHere, Service } from '../support/service.js';
import { globalMessagePushed, insertGlobalMessage, openGlobalPush } from '../support/transactions.js';

const MINUTE = 60_000;

describe.runIf(queueIsHere)('a global message', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start({ RECONCILE_INTERVAL: '200ms' });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await service.stop();
  });

  const inAnHour = () => new Date(Date.now() + 60 * MINUTE).toISOString();

  /** The reach report, once it names so many recipients. */
  async function reach(globalMessageId: string, count: number) {
    return eventually(async () => {
      const rows = await service.messages({ globalMessageId });
      expect(rows).toHaveLength(count);
      return rows;
    });
  }

  it('goes to every connection of the tenant, and its reach report names each recipient once', async () => {
    const clients = [await service.connect('anna'), await service.connect('anna'), await service.connect('bert')];
    const id = await service.pushGlobal('to all');
    for (const client of clients) expect(await client.received(1)).toEqual(['to all']);
    const rows = await reach(id, 2);
    expect(rows.map(({ recipient }) => recipient).sort()).toEqual(['anna', 'bert']);
    for (const row of rows) {
      expect(row).toMatchObject({ message: 'to all', status: 'DELIVERED', globalMessageId: id });
      expect(Date.parse(row.deliveredAt!)).toBeGreaterThanOrEqual(Date.parse(row.createdAt));
    }
  });

  it('reaches the connections of every node', async () => {
    const other = await service.startSecondNode();
    const clients = [await service.connect('anna'), await other.connect('bert')];
    const id = await other.pushGlobal('to all');
    for (const client of clients) expect(await client.received(1)).toEqual(['to all']);
    await reach(id, 2);
    await other.stop();
  });

  it('with a topic goes to the connections that bear that very topic', async () => {
    const same = await service.connect({ recipient: 'anna', topic: 'News' });
    const others = [await service.connect('anna'), await service.connect({ recipient: 'bert', topic: 'news' })];
    const id = await service.pushGlobal('news', { topic: 'News' });
    expect(await same.received(1)).toEqual(['news']);
    await reach(id, 1);
    await service.pushGlobal('marker');
    for (const client of others) expect(await client.received(1)).toEqual(['marker']);
  });

  it('never crosses tenants', async () => {
    const foreignKey = await service.createKey({ tenant: 'other' });
    const foreign = await service.connect('anna', {}, foreignKey);
    const own = await service.connect('anna');
    const id = await service.pushGlobal('ours', { expiresAt: inAnHour() });
    await own.received(1);
    await reach(id, 1);
    const late = await service.connect('bert', {}, foreignKey);
    await service.pushGlobal('theirs', {}, foreignKey);
    expect(await foreign.received(1)).toEqual(['theirs']);
    expect(await late.received(1)).toEqual(['theirs']);
    expect(own.messages).toEqual(['ours']);
    expect(await service.messages({ globalMessageId: id }, foreignKey)).toEqual([]);
  });

  it('with an expiry reaches each recipient that connects before it, once, and none after', async () => {
    const id = await service.pushGlobal('until later', { expiresAt: inAnHour() });
    const first = await service.connect('anna');
    expect(await first.received(1)).toEqual(['until later']);
    await reach(id, 1);
    const again = await service.connect('anna');
    await service.setClock(50 * MINUTE);
    expect(await (await service.connect('bert')).received(1)).toEqual(['until later']);
    await reach(id, 2);
    await service.setClock(61 * MINUTE);
    const tooLate = await service.connect('carl');
    await service.pushGlobal('marker');
    expect(await tooLate.received(1)).toEqual(['marker']);
    expect(await again.received(1)).toEqual(['marker']);
  });

  it('without an expiry reaches those who connect within 60 seconds, and nobody later', async () => {
    await service.pushGlobal('short');
    await service.setClock(55_000);
    expect(await (await service.connect('anna')).received(1)).toEqual(['short']);
    await service.setClock(65_000);
    const late = await service.connect('bert');
    await service.pushGlobal('marker');
    expect(await late.received(1)).toEqual(['marker']);
  });

  it('reaches a connection that opens while it is committed', async () => {
    const first = await service.connect('anna');
    const push = await openGlobalPush(service, 'committed later');
    const second = await service.connect('bert');
    await service.pushGlobal('meanwhile');
    await first.received(1);
    await second.received(1);
    await push.commit();
    for (const client of [first, second]) expect(await client.received(2)).toEqual(['meanwhile', 'committed later']);
  });

  it('reaches a connection that opens while it is fanned out, once', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const first = await service.connect('anna');
    // Until its backlog has been read, there is nothing to fan out.
    await eventually(() => expect(service.app.get(GlobalFeeds, { strict: false }).of('acme')).not.toBeNull());
    const gate = new Gate();
    const inbox = service.app.get(InboxRepository, { strict: false });
    const globalNews = inbox.globalNews.bind(inbox);
    vi.spyOn(inbox, 'globalNews').mockImplementation(async (...request) => {
      const page = await globalNews(...request);
      if (page.items.length > 0) await gate.pass();
      return page;
    });
    await service.pushGlobal('now');
    await gate.reached;
    const second = await service.connect('bert');
    expect(await second.received(1)).toEqual(['now']);
    gate.open();
    await first.received(1);
    await service.pushGlobal('marker');
    for (const client of [first, second]) expect(await client.received(2)).toEqual(['now', 'marker']);
  });

  it('is not sent twice when the fan-out of many fails in the middle', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const client = await service.connect('anna');
    await service.pushGlobal('first');
    await client.received(1);
    const texts = Array.from({ length: 150 }, (_, i) => `global ${i}`);
    const inbox = service.app.get(InboxRepository, { strict: false });
    const globalNews = inbox.globalNews.bind(inbox);
    let failed = false;
    vi.spyOn(inbox, 'globalNews').mockImplementation(async (tenant, since, reading) => {
      if (reading && !failed) {
        failed = true;
        throw new Error('the database is away');
      }
      return globalNews(tenant, since, reading);
    });
    const runner = service.dataSource.createQueryRunner();
    await runner.startTransaction();
    for (const text of texts) {
      await runner.query(
        `INSERT INTO global_messages (tenant, message, created_at, deliver_until, txid)
         VALUES ('acme', $1, homing_now(), homing_now() + interval '1 minute', pg_current_xact_id()::text::bigint)`,
        [text],
      );
    }
    await runner.commitTransaction();
    await runner.release();
    await client.received(151);
    expect(failed).toBe(true);
    await service.pushGlobal('marker');
    await client.received(152);
    expect(client.messages).toEqual(['first', ...texts, 'marker']);
  });

  it('whose events were all lost is found by the reconciler', async () => {
    const client = await service.connect('anna');
    await service.pushGlobal('first');
    await client.received(1);
    await insertGlobalMessage(service, 'nobody was told');
    expect(await client.received(2)).toEqual(['first', 'nobody was told']);
  });

  it('that is signalled twice, late, or by a stranger is sent once', async () => {
    const client = await service.connect('anna');
    await service.pushGlobal('once');
    await client.received(1);
    for (const txid of [1, 1_000_000]) service.events.publish(globalMessagePushed(txid));
    service.events.publish(globalMessagePushed(1, 'nobody'));
    await service.pushGlobal('marker');
    expect(await client.received(2)).toEqual(['once', 'marker']);
  });

  it('costs one row, and one row more for each recipient that proves it', async () => {
    const id = await service.pushGlobal('cheap', { expiresAt: inAnHour() });
    const rows = () => service.dataSource.query('SELECT count(*)::int AS count FROM global_deliveries');
    expect(await rows()).toEqual([{ count: 0 }]);
    const mute = await service.connect('anna', { autoPong: false });
    await mute.received(1);
    expect(await rows()).toEqual([{ count: 0 }]);
    await service.connect('bert');
    await reach(id, 1);
    expect(await rows()).toEqual([{ count: 1 }]);
  });
});
