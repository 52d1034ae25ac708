import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HousekeepingRepository } from '../../src/delivery/housekeeping.repository.js';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { queueIsHere, Service } from '../support/service.js';

const MINUTE = 60_000;

describe.runIf(queueIsHere)('the expiry of a message', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await service.stop();
  });

  const expiresAt = new Date(Date.now() + 30 * MINUTE).toISOString();

  /** Reads the row itself: a query of the API would settle it. */
  async function stored(id: string): Promise<{ status: string; delivered_at: Date | null; cancelled_at: Date | null }> {
    const [row] = await service.dataSource.query(
      'SELECT status, delivered_at, cancelled_at FROM messages WHERE id = $1',
      [id],
    );
    return row;
  }

  /** Lets the answers of readings that find the message wait before the gate. */
  function hold(): Gate {
    const gate = new Gate();
    const inbox = service.app.get(InboxRepository, { strict: false });
    for (const reading of ['backlog', 'news', 'globalNews'] as const) {
      const read = inbox[reading].bind(inbox) as (...request: unknown[]) => Promise<unknown>;
      vi.spyOn(inbox, reading).mockImplementation((async (...request: unknown[]) => {
        const pages = await read(...request);
        if (JSON.stringify(pages).includes('too late')) await gate.pass();
        return pages;
      }) as never);
    }
    return gate;
  }

  it('is decided when the frame is made: a backlog that was read before and is sent after it', async () => {
    await service.push('anna', 'too late', { expiresAt });
    const gate = hold();
    const client = await service.connect('anna');
    await gate.reached;
    await service.setClock(31 * MINUTE);
    gate.open();
    await service.push('anna', 'marker');
    expect(await client.received(1)).toEqual(['marker']);
  });

  it('is decided when the frame is made: news that were read before and are sent after it', async () => {
    const client = await service.connect('anna');
    await service.push('anna', 'first');
    await client.received(1);
    const gate = hold();
    await service.push('anna', 'too late', { expiresAt });
    await gate.reached;
    await service.setClock(31 * MINUTE);
    gate.open();
    await service.push('anna', 'marker');
    expect(await client.received(2)).toEqual(['first', 'marker']);
  });

  it('is decided when the frame is made: a global message', async () => {
    const client = await service.connect('anna');
    await service.pushGlobal('first');
    await client.received(1);
    const gate = hold();
    const id = await service.pushGlobal('too late', { expiresAt });
    await gate.reached;
    await service.setClock(31 * MINUTE);
    gate.open();
    await service.pushGlobal('marker');
    expect(await client.received(2)).toEqual(['first', 'marker']);
    expect(await service.messages({ globalMessageId: id })).toEqual([]);
  });

  it('makes it CANCELLED then, for every query, even before the sweep has come by', async () => {
    const [message] = await service.push('anna', 'never sent', { expiresAt });
    vi.spyOn(service.app.get(HousekeepingRepository, { strict: false }), 'cancelExpired').mockResolvedValue(0);
    await service.setClock(31 * MINUTE);
    for (const filter of [{}, { recipient: 'anna' }, { expiresAt: { from: expiresAt } }]) {
      expect(await service.messages(filter)).toMatchObject([
        { id: message!.id, status: 'CANCELLED', cancelledAt: expiresAt, deliveredAt: null },
      ]);
    }
  });

  it('is swept without any query, thousands at once, and no message that has not expired', async () => {
    const recipients = Array.from({ length: 2_500 }, (_, i) => `r${i}`);
    const [first] = await service.push(recipients, 'expires', { expiresAt });
    const [other] = await service.push('r0', 'stays');
    await service.setClock(31 * MINUTE);
    const housekeeping = service.app.get(HousekeepingRepository, { strict: false });
    const query = vi.spyOn(service.dataSource, 'query');
    await housekeeping.cancelExpired();
    const batches = await Promise.all(query.mock.results.map(({ value }) => value as Promise<unknown[][]>));
    for (const [rows] of batches) expect(rows?.length ?? 0).toBeLessThanOrEqual(1_000);
    await eventually(async () => {
      const rows = await service.dataSource.query(
        `SELECT count(*)::int AS count FROM messages WHERE status = 'CANCELLED'`,
      );
      expect(rows).toEqual([{ count: 2_500 }]);
    });
    expect(await stored(first!.id)).toMatchObject({ cancelled_at: new Date(expiresAt) });
    expect(await stored(other!.id)).toMatchObject({ status: 'PENDING' });
    expect(await housekeeping.cancelExpired()).toBe(0);
  });

  it('is swept by the worker of the queue', async () => {
    const [message] = await service.push('anna', 'expires', { expiresAt });
    await service.setClock(31 * MINUTE);
    await eventually(async () => expect(await stored(message!.id)).toMatchObject({ status: 'CANCELLED' }));
  });

  it('is final: a proof that arrives after it changes nothing', async () => {
    const client = await service.connect('anna', { autoPong: false });
    const [expiring] = await service.push('anna', 'proven too late', { expiresAt });
    const [other] = await service.push('anna', 'without expiry');
    await client.received(2);
    await eventually(() => expect(client.pings.length).toBeGreaterThan(0));
    await service.setClock(31 * MINUTE);
    const pings = client.pings.length;
    await service.push('anna', 'marker');
    await eventually(() => expect(client.pings.length).toBeGreaterThan(pings));
    client.socket.pong(client.pings.at(-1));
    await service.settled(other!.id, 'DELIVERED');
    expect((await stored(expiring!.id)).delivered_at).toBeNull();
    expect(await service.messages({ recipient: 'anna' })).toContainEqual(
      expect.objectContaining({ id: expiring!.id, status: 'CANCELLED', cancelledAt: expiresAt, deliveredAt: null }),
    );
  });

  it('is never before deliveredAt', async () => {
    const client = await service.connect('anna');
    const [message] = await service.push('anna', 'in time', { expiresAt });
    await client.received(1);
    const delivered = await service.settled(message!.id, 'DELIVERED');
    expect(Date.parse(delivered.deliveredAt!)).toBeLessThanOrEqual(Date.parse(expiresAt));
    await service.setClock(31 * MINUTE);
    await service.app.get(HousekeepingRepository, { strict: false }).cancelExpired();
    expect(await service.messages({ recipient: 'anna' })).toEqual([delivered]);
  });
});
