import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InboxPage } from '../../src/delivery/inbox.js';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { Hub } from '../../src/gateway/hub.js';
import { eventually } from '../support/eventually.js';
import { needsOneProcess, queueIsHere, Service } from '../support/service.js';

const KIB = 1_024;

describe.runIf(queueIsHere)('the memory of a node', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start({ MAX_BUFFERED: '128KiB' });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await service.stop();
  });

  /** Stores messages "0", "1", ... for a recipient that is not connected. */
  async function store(recipient: string, count: number): Promise<string[]> {
    await service.dataSource.query(
      `INSERT INTO messages (tenant, recipient, message, created_at, txid)
       SELECT 'acme', $1, i::text, homing_now(), pg_current_xact_id()::text::bigint
       FROM generate_series(0, $2::int - 1) AS numbers(i) ORDER BY numbers.i`,
      [recipient, count],
    );
    return Array.from({ length: count }, (_, i) => String(i));
  }

  it('holds a page of a backlog of 10,000 messages, which arrives in its order and is proven', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const texts = await store('anna', 10_000);
    const inbox = service.app.get(InboxRepository, { strict: false });
    const pages = vi.spyOn(inbox, 'backlog');
    const client = await service.connect('anna');
    expect(await client.received(10_000)).toEqual(texts);
    for (const { value } of pages.mock.results) {
      for (const { items } of await value) expect(items.length).toBeLessThanOrEqual(64);
    }
    await eventually(async () => {
      const rows = await service.dataSource.query(
        `SELECT count(*)::int AS count FROM messages WHERE status = 'DELIVERED'`,
      );
      expect(rows).toEqual([{ count: 10_000 }]);
    });
  });

  it('holds no more than a page of large messages either, and none is too large for MAX_BUFFERED', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const text = 'x'.repeat(64 * KIB);
    for (let i = 0; i < 10; i += 1) await service.push('anna', text);
    const pages = vi.spyOn(service.app.get(InboxRepository, { strict: false }), 'backlog');
    const client = await service.connect('anna');
    expect(await client.received(10)).toEqual(Array.from({ length: 10 }, () => text));
    for (const { value } of pages.mock.results) {
      for (const { items } of await value) expect(items.length).toBeLessThanOrEqual(2);
    }
  });

  it('holds a statement of at most a MiB and a page, however many connections there is news for; all of them get it', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const names = Array.from({ length: 40 }, (_, i) => `many-${i}`);
    const clients = await Promise.all(names.map((name) => service.connect(name)));
    const text = 'x'.repeat(60 * KIB);
    const readings = vi.spyOn(service.app.get(InboxRepository, { strict: false }), 'news');
    const texts: string[] = [];
    let largest = 0;
    // What is pushed while a client's backlog is still read, comes with that. So it is pushed until much is read as news.
    while (largest <= 512 * KIB) {
      texts.push(`${text}${texts.length}`);
      await service.push(names, texts.at(-1)!);
      for (const client of clients) expect(await client.received(texts.length)).toEqual(texts);
      const sizes = await Promise.all(
        readings.mock.results.map(async ({ value }) =>
          (await (value as Promise<InboxPage[]>))
            .flatMap(({ items }) => items)
            .reduce((sum, item) => sum + item.text.length, 0),
        ),
      );
      largest = Math.max(0, ...sizes);
    }
    expect(largest).toBeLessThanOrEqual(1_024 * KIB + 60 * KIB);
  });

  it('asks for proofs among the messages of a large page, so that a slow client gets somewhere', async () => {
    for (let i = 0; i < 40; i += 1) await service.push('mole', `${i} ${'x'.repeat(1_500)}`);
    const client = await service.connect('mole', { autoPong: false });
    await client.received(40);
    await eventually(() => expect(client.pings.length).toBeGreaterThanOrEqual(4));
    client.socket.pong(client.pings[0]);
    await eventually(async () => {
      const statuses = (await service.messages({ recipient: 'mole' })).map(({ status }) => status);
      expect(statuses.filter((status) => status === 'DELIVERED').length).toBeGreaterThanOrEqual(10);
      expect(statuses.filter((status) => status === 'PENDING').length).toBeGreaterThanOrEqual(10);
    });
  });

  it('is not held up by a large push that hangs: neither small ones nor the next large one wait for it', async () => {
    const many = Array.from({ length: 1_500 }, (_, i) => `many-${i}`);
    const inserts = async () => {
      const [row] = await service.dataSource.query(
        `SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO messages%'
         AND datname = current_database()`,
      );
      return row.count as number;
    };
    const runner = service.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('LOCK TABLE messages IN SHARE MODE');
    const pushes = [service.push(many, 'one'), service.push(many, 'two'), service.push('anna', 'small')];
    await eventually(async () => expect(await inserts()).toBe(3));
    await runner.commitTransaction();
    await runner.release();
    expect((await Promise.all(pushes)).map(({ length }) => length)).toEqual([1_500, 1_500, 1]);
  });

  it('holds a window of messages for a client that proves nothing; a pong lets the next ones through', async () => {
    const texts = await store('mute', 3_000);
    const mute = await service.connect('mute', { autoPong: false });
    await mute.received(1_025);
    // What a live connection gets goes the same way: had the mute one been read for, it would be further by now.
    const other = await service.connect('other');
    await service.push('other', 'marker');
    await other.received(1);
    expect(mute.messages.length).toBeLessThanOrEqual(1_024 + 64);
    const before = mute.messages.length;
    mute.socket.pong(mute.pings.at(-1));
    expect((await mute.received(before + 1_000)).slice(0, before + 1_000)).toEqual(texts.slice(0, before + 1_000));
  });

  it('holds little for a consumer that does not read: it is cut off, its messages stay PENDING, others are served', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const slow = await service.connect('slow');
    const good = await service.connect('good');
    await service.push(['slow', 'good'], 'first');
    for (const client of [slow, good]) await client.received(1);
    slow.stall();
    const [unread] = await service.push('slow', 'unread');
    const hub = service.app.get(Hub, { strict: false });
    const text = 'x'.repeat(64 * KIB);
    let pushed = 0;
    while (hub.of('acme', 'slow').size > 0) {
      await service.pushGlobal(text);
      pushed += 1;
      await good.received(1 + pushed);
      expect(pushed).toBeLessThan(1_000);
    }
    expect(good.messages).toHaveLength(1 + pushed);
    expect(await service.messages({ recipient: 'slow' })).toMatchObject([
      { id: unread!.id, status: 'PENDING' },
      { status: 'DELIVERED' },
    ]);
    const again = await service.connect('slow');
    await eventually(() => expect(again.messages).toContain('unread'));
  });
});

describe.runIf(queueIsHere)('a peer', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start({ PING_INTERVAL: '500ms', INBOUND_RATE: '1', MAX_INBOUND_FRAME: '125B' });
  });
  afterEach(async () => service.stop());

  it('that answers no pings is ended, and its messages go to its next connection', async () => {
    const dead = await service.connect('anna', { autoPong: false });
    const [message] = await service.push('anna', 'text');
    expect((await dead.closing()).code).toBe(1_006);
    const alive = await service.connect('anna');
    expect(await alive.received(1)).toEqual(['text']);
    await service.settled(message!.id, 'DELIVERED');
  });

  it('that answers them stays connected', async () => {
    const client = await service.connect('anna');
    await eventually(() => expect(client.pings.length).toBeGreaterThanOrEqual(4));
    expect(client.closed).toBeNull();
    await service.push('anna', 'text');
    expect(await client.received(1)).toEqual(['text']);
  });

  it.each(['send', 'ping', 'pong'] as const)('that floods with %s is closed with 1008', async (method) => {
    const client = await service.connect('anna');
    const other = await service.connect('bert');
    for (let i = 0; i < 50; i += 1) client.socket[method]('x');
    expect(await client.closing()).toEqual({ code: 1_008, reason: 'too many frames: this channel is push-only' });
    await service.push('bert', 'text');
    expect(await other.received(1)).toEqual(['text']);
  });

  it('that floods slowly is closed with 1008: pings do not make the service forget', async () => {
    const client = await service.connect('anna');
    for (let i = 0; i < 6; i += 1) client.socket.send('x');
    await eventually(() => expect(client.pings.length).toBeGreaterThanOrEqual(2));
    for (let i = 0; i < 6; i += 1) client.socket.send('x');
    expect((await client.closing()).code).toBe(1_008);
  });

  it('that sends an oversized frame is closed with 1009', async () => {
    const client = await service.connect('anna');
    client.socket.send('x'.repeat(126));
    expect((await client.closing()).code).toBe(1_009);
  });

  it('that sends a little is heard by nobody, and harms nothing', async () => {
    const client = await service.connect('anna');
    const other = await service.connect('anna');
    client.socket.send('{"hello":1}');
    client.socket.send(Buffer.of(0xff, 0xfe));
    await service.push('anna', 'text');
    for (const each of [client, other]) expect(await each.received(1)).toEqual(['text']);
    expect(client.closed).toBeNull();
  });
});
