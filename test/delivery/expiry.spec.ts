import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HousekeepingRepository } from '../../src/delivery/housekeeping.repository.js';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { Sender } from '../../src/gateway/sender.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { needsOneProcess, queueIsHere, Service } from '../support/service.js';

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

  /**
   * Lets the answers of readings that find the message wait before the gate. It must be there before any reading begins that
   * could find it: one that was held up by the machine may see more than what had been pushed when it was asked for.
   */
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

  /** Opens the gate once the node knows that the message has expired. */
  async function expireAndOpen(gate: Gate): Promise<void> {
    await gate.reached;
    await service.setClock(31 * MINUTE);
    const clock = service.app.get(DatabaseClock, { strict: false });
    await eventually(() => expect(clock.now()).toBeGreaterThan(Date.parse(expiresAt)));
    gate.open();
  }

  it('is decided when the frame is made: a backlog that was read before and is sent after it', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    await service.push('anna', 'too late', { expiresAt });
    const gate = hold();
    const client = await service.connect('anna');
    await expireAndOpen(gate);
    await service.push('anna', 'marker');
    expect(await client.received(1)).toEqual(['marker']);
  });

  it('is decided when the frame is made: news that were read before and are sent after it', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const gate = hold();
    const client = await service.connect('anna');
    await service.push('anna', 'first');
    await client.received(1);
    await service.push('anna', 'too late', { expiresAt });
    await expireAndOpen(gate);
    await service.push('anna', 'marker');
    expect(await client.received(2)).toEqual(['first', 'marker']);
  });

  it('is decided when the frame is made: a global message', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const gate = hold();
    const client = await service.connect('anna');
    await service.pushGlobal('first');
    await client.received(1);
    const id = await service.pushGlobal('too late', { expiresAt });
    await expireAndOpen(gate);
    await service.pushGlobal('marker');
    expect(await client.received(2)).toEqual(['first', 'marker']);
    expect(await service.messages({ globalMessageId: id })).toEqual([]);
  });

  it('is decided when the frame is made, for each connection: a global message that goes to many', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const clients = [await service.connect('anna'), await service.connect('bert')];
    await service.pushGlobal('first');
    for (const client of clients) await client.received(1);
    const sender = service.app.get(Sender, { strict: false });
    const clock = service.app.get(DatabaseClock, { strict: false });
    const ship = sender.ship.bind(sender);
    vi.spyOn(sender, 'ship').mockImplementationOnce((connection, shipment) => {
      ship(connection, shipment);
      clock.observe(new Date(Date.now() + 31 * MINUTE), performance.now());
      // What else reads meanwhile would bring the right time back.
      vi.spyOn(clock, 'observe').mockReturnValue();
    });
    await service.pushGlobal('too late for one', { expiresAt });
    await eventually(() => expect(clients.flatMap(({ messages }) => messages)).toContain('too late for one'));
    vi.mocked(clock.observe).mockRestore();
    await clock.sync();
    await service.pushGlobal('marker');
    await eventually(() => {
      for (const { messages } of clients) expect(messages).toContain('marker');
    });
    expect(clients.flatMap(({ messages }) => messages).filter((text) => text === 'too late for one')).toHaveLength(1);
  });

  it('that has passed when it is stored is refused, whatever the node takes the time for; nothing is stored', async (context) => {
    needsOneProcess(context, 'It sets the clock or the time zone of the node, or reads its log.');
    const past = new Date(Date.now() - 5 * MINUTE).toISOString();
    vi.spyOn(service.app.get(DatabaseClock, { strict: false }), 'now').mockReturnValue(Date.now() - 10 * MINUTE);
    await expect(service.push('anna', 'past', { expiresAt: past })).rejects.toThrow('must be in the future');
    await expect(service.pushGlobal('past', { expiresAt: past })).rejects.toThrow('must be in the future');
    // Neither does it harm those who share a statement with it.
    const together = await Promise.allSettled([
      service.push('anna', 'past', { expiresAt: past }),
      service.push('anna', 'good'),
    ]);
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect((await service.messages()).map(({ message }) => message)).toEqual(['good']);
    expect(await service.dataSource.query('SELECT seq FROM global_messages')).toEqual([]);
  });

  it('follows the clock of the database on a node without connections too', async (context) => {
    needsOneProcess(context, 'It sets the clock or the time zone of the node, or reads its log.');
    const node = await service.startSecondNode({ RECONCILE_INTERVAL: '100ms' });
    const clock = node.app.get(DatabaseClock, { strict: false });
    await service.setClock(-10 * MINUTE);
    await eventually(() => expect(clock.now()).toBeLessThan(Date.now() - 9 * MINUTE));
    await node.stop();
  });

  it('makes it CANCELLED then, for every query, even before the sweep has come by', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const [message] = await service.push('anna', 'never sent', { expiresAt });
    vi.spyOn(service.app.get(HousekeepingRepository, { strict: false }), 'cancelExpired').mockResolvedValue(0);
    await service.setClock(31 * MINUTE);
    for (const filter of [{}, { recipient: 'anna' }, { expiresAt: { from: expiresAt } }]) {
      expect(await service.messages(filter)).toMatchObject([
        { id: message!.id, status: 'CANCELLED', cancelledAt: expiresAt, deliveredAt: null },
      ]);
    }
  });

  it('is swept without any query, thousands at once, and no message that has not expired', async (context) => {
    needsOneProcess(context, 'It calls a part of a node by itself.');
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

  it('is never before deliveredAt', async (context) => {
    needsOneProcess(context, 'It calls a part of a node by itself.');
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
