import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { ProofsRepository } from '../../src/delivery/proofs.repository.js';
import { GlobalMessagePushed } from '../../src/events/global-message-pushed.event.js';
import { HANDLED_EVENTS } from '../../src/events/handled-events.js';
import { MessageCancelled } from '../../src/events/message-cancelled.event.js';
import { MessageDelivered } from '../../src/events/message-delivered.event.js';
import { MessagesPushed } from '../../src/events/messages-pushed.event.js';
import { RecipientConnected } from '../../src/events/recipient-connected.event.js';
import { RecipientDisconnected } from '../../src/events/recipient-disconnected.event.js';
import { Handlers } from '../../src/handlers/handlers.js';
import { OutboxMover } from '../../src/handlers/outbox-mover.js';
import { OnDomainEvent } from '../../src/handlers/on-domain-event.decorator.js';
import { MessageWriter } from '../../src/messages/message-writer.js';
import { eventually } from '../support/eventually.js';
import { AllHandlers, Record, type Way, withHandlers } from '../support/handlers.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';
import { oneProcess, queue, queueIsHere, Service } from '../support/service.js';
import { statementsOf } from '../support/statements.js';

const MINUTE = 60_000;
const WAYS: readonly Way[] = ['live', 'durable'];

describe.runIf(queueIsHere && oneProcess('It calls a part of a node by itself.'))('handlers of domain events', () => {
  const services: Service[] = [];
  let record: Record;
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const service of services.splice(0).toReversed()) await service.stop();
  });

  async function start(
    handle?: ConstructorParameters<typeof AllHandlers>[0],
    environment?: { readonly [name: string]: string },
  ): Promise<Service> {
    record = new Record();
    const handlers = new AllHandlers(async (way, event) => {
      await handle?.(way, event);
      record.note(way, event);
    });
    const service = await Service.startExtended(withHandlers(handlers), environment);
    services.push(service);
    return service;
  }

  async function startTwo(): Promise<[Service, Service]> {
    const first = await start();
    const second = await first.startSecondNode();
    services.push(second);
    return [first, second];
  }

  const durables = (service: Service) => service.app.get(Handlers, { strict: false }).durable;
  const handlerOf = (service: Service, name: string) => durables(service).find(({ plan }) => plan.durable === name)!;
  const waiting = async (service: Service) => {
    const [row] = await service.dataSource.query<{ count: number }[]>('SELECT count(*)::int FROM homing_outbox');
    return row?.count;
  };

  /** Waits until nothing is on its way to a durable handler. */
  async function settled(service: Service): Promise<void> {
    await eventually(async () => {
      expect(await waiting(service)).toBe(0);
      for (const { queue } of durables(service))
        expect(await queue.getJobCountByTypes('waiting', 'active', 'delayed')).toBe(0);
    });
  }

  const countOf = (eventClass: (typeof HANDLED_EVENTS)[number]) => WAYS.map((way) => record.of(way, eventClass).length);

  it('hear of a push once, with all of its messages', async () => {
    const service = await start();
    const expiresAt = new Date(Date.now() + MINUTE);
    const pushed = await service.push(['ann', 'bob'], 'not to be told', {
      ...{ topic: 'orders', expiresAt: expiresAt.toISOString() },
    });
    await eventually(() => expect(countOf(MessagesPushed)).toEqual([1, 1]));
    for (const way of WAYS) {
      const [event] = record.of(way, MessagesPushed);
      expect(event).toMatchObject({
        ...{ tenant: 'acme', topic: 'orders', expiresAt, recipients: ['ann', 'bob'] },
        ids: pushed.map(({ id }) => id),
        createdAt: new Date(pushed[0]!.createdAt),
        requestId: expect.stringMatching(/^[\w-]+$/) as string,
      });
      expect(JSON.stringify({ ...event })).not.toContain('not to be told');
    }
    await service.push('ann', 'another one');
    await settled(service);
    expect(countOf(MessagesPushed)).toEqual([2, 2]);
    expect(countOf(MessageDelivered)).toEqual([0, 0]);
  });

  it('hear of each of many pushes that are stored together, and of none that has expired by then', async () => {
    const service = await start();
    const writer = service.app.get(MessageWriter, { strict: false });
    const store = (id: string, expiresAt: Date | null = null) =>
      writer.store({ tenant: 'acme', ids: [id], recipients: ['ann'], message: 'x', topic: null, expiresAt });
    const id = (i: number) => `00000000-0000-4000-8000-00000000000${i}`;
    const [late] = await Promise.allSettled([store(id(0), new Date(0)), ...[1, 2, 3].map((i) => store(id(i)))]);
    expect(late?.status).toBe('rejected');
    await settled(service);
    const ids = record.of('durable', MessagesPushed).flatMap((event) => event.ids);
    expect(ids.toSorted()).toEqual([1, 2, 3].map(id));
  });

  it('hear of a delivery once, however often and wherever it is proven', async () => {
    const [first, second] = await startTwo();
    const clients = await Promise.all([first, second].map((node) => node.connect('ann')));
    const [message] = await first.push('ann', 'hello');
    for (const client of clients) await client.received(1);
    const { createdAt, deliveredAt } = await first.settled(message!.id, 'DELIVERED');
    const [row] = await first.dataSource.query<{ seq: number }[]>('SELECT seq::int FROM messages');
    for (const node of [first, second]) {
      const proofs = node.app.get(ProofsRepository, { strict: false });
      await proofs.record([{ seq: row!.seq, provenAt: Date.now() }]);
    }
    await eventually(() => expect(countOf(MessageDelivered)).toEqual([1, 1]));
    await settled(first);
    expect(countOf(MessageDelivered)).toEqual([1, 1]);
    for (const way of WAYS)
      expect(record.of(way, MessageDelivered)).toEqual([
        new MessageDelivered({
          ...{ tenant: 'acme', id: message!.id, recipient: 'ann', topic: null, globalMessageId: null },
          ...{ createdAt, deliveredAt: deliveredAt! },
        }),
      ]);
  });

  it('hear of a delivery once that two nodes record at the same moment', async () => {
    const nodes = await startTwo();
    for (let i = 0; i < 20; i += 1) await nodes[0].push('nobody', `${i}`);
    const rows = await nodes[0].dataSource.query<{ seq: number }[]>('SELECT seq::int FROM messages');
    const proofs = rows.map(({ seq }) => ({ seq, provenAt: Date.now() }));
    const record = (node: Service) => node.app.get(ProofsRepository, { strict: false }).record(proofs);
    await Promise.all([...nodes, ...nodes].map(record));
    await eventually(() => expect(countOf(MessageDelivered)).toEqual([20, 20]));
    await settled(nodes[0]);
    expect(countOf(MessageDelivered)).toEqual([20, 20]);
  });

  it('hear of a global message, and of each recipient that it reaches', async () => {
    const [first, second] = await startTwo();
    await first.connect('ann');
    await first.connect('ann');
    await second.connect('bob');
    const id = await second.pushGlobal('to all', { topic: 'news' });
    await eventually(() => expect(countOf(GlobalMessagePushed)).toEqual([1, 1]));
    for (const way of WAYS) expect(record.of(way, GlobalMessagePushed)).toMatchObject([{ id, topic: 'news' }]);

    const plain = await second.pushGlobal('to all');
    await eventually(() => expect(countOf(MessageDelivered)).toEqual([2, 2]));
    await settled(first);
    expect(countOf(MessageDelivered)).toEqual([2, 2]);
    const listed = await first.messages({ globalMessageId: plain });
    for (const way of WAYS) {
      const events = record.of(way, MessageDelivered).toSorted((a, b) => a.recipient.localeCompare(b.recipient));
      expect(events.map(({ recipient }) => recipient)).toEqual(['ann', 'bob']);
      for (const event of events) {
        const { id, createdAt, deliveredAt } = listed.find(({ recipient }) => recipient === event.recipient)!;
        expect(event).toMatchObject({ id, globalMessageId: plain, tenant: 'acme', topic: null });
        expect([event.createdAt, event.deliveredAt]).toEqual([new Date(createdAt), new Date(deliveredAt!)]);
      }
    }
  });

  it.each(['the sweep', 'a query'])('hear of a message that expired once, when %s has found it', async (finder) => {
    const service = await start();
    const expiresAt = new Date(Date.now() + MINUTE).toISOString();
    const [message] = await service.push('ann', 'hello', { expiresAt });
    if (finder === 'a query') await service.jobs.pause();
    await service.setClock(2 * MINUTE);
    if (finder === 'a query') await service.messages();
    await eventually(() => expect(countOf(MessageCancelled)).toEqual([1, 1]));
    await service.jobs.resume();
    const [row] = await service.dataSource.query<{ seq: number }[]>('SELECT seq::int FROM messages');
    const proofs = service.app.get(ProofsRepository, { strict: false });
    await proofs.record([{ seq: row!.seq, provenAt: Date.now() }]);
    await service.messages();
    await service.jobs.add('expire', {} as never);
    await eventually(async () => expect(await service.jobs.getJobCountByTypes('waiting', 'active')).toBe(0));
    await settled(service);
    expect(countOf(MessageCancelled)).toEqual([1, 1]);
    expect(countOf(MessageDelivered)).toEqual([0, 0]);
    for (const way of WAYS)
      expect(record.of(way, MessageCancelled)).toMatchObject([
        { id: message!.id, recipient: 'ann', cancelledAt: new Date(expiresAt) },
      ]);
  });

  it('hear of connections, and how they end', async () => {
    const service = await start();
    const leaver = await service.connect({ recipient: 'ann', topic: 'orders' });
    const banned = await service.connect('bob');
    await eventually(() => expect(countOf(RecipientConnected)).toEqual([2, 2]));
    leaver.socket.close(4000, 'seen enough');
    await service.revoke('bob');
    await banned.closing();
    await eventually(() => expect(countOf(RecipientDisconnected)).toEqual([2, 2]));
    await settled(service);
    for (const way of WAYS) {
      const [ann, bob] = ['ann', 'bob'].map((name) =>
        [RecipientConnected, RecipientDisconnected].map((eventClass) =>
          record.of(way, eventClass).find(({ recipient }) => recipient === name),
        ),
      );
      expect(ann).toMatchObject([{ topic: 'orders' }, { topic: 'orders', code: 4000, reason: 'seen enough' }]);
      expect(bob).toMatchObject([{ tenant: 'acme' }, { code: 4403, reason: 'token revoked' }]);
      for (const [opened, ended] of [ann!, bob!] as [RecipientConnected, RecipientDisconnected][]) {
        expect(ended.connectionId).toBe(opened.connectionId);
        expect(ended.disconnectedAt.getTime()).toBeGreaterThanOrEqual(opened.connectedAt.getTime());
      }
    }
  });

  it('that are durable are given an event again after an error, or when they hang', async () => {
    const attempts: string[] = [];
    const service = await start(async (way, event) => {
      if (way === 'live') throw new Error('live handlers are not tried again');
      if (!(event instanceof MessagesPushed)) return;
      attempts.push(event.ids[0]!);
      if (attempts.length === 1) throw new Error('not yet');
      if (attempts.length === 2) await new Promise(() => undefined);
    });
    const [message] = await service.push('ann', 'hello');
    await eventually(() => expect(record.of('durable', MessagesPushed)).toHaveLength(1));
    expect(attempts).toEqual([message!.id, message!.id, message!.id]);
    expect(record.of('live', MessagesPushed)).toEqual([]);
    await settled(service);
    expect(await handlerOf(service, 'messages-pushed').queue.getJobCountByTypes('failed')).toBe(0);
  });

  it('that are durable get what a queue that is down did not take, each event once', async () => {
    const [first, second] = await startTwo();
    const queues = [first, second].map((node) => handlerOf(node, 'messages-pushed').queue);
    for (const queue of queues)
      for (const method of ['add', 'addBulk'] as const) vi.spyOn(queue, method).mockRejectedValue(new Error('down'));
    for (let i = 0; i < 10; i += 1) await [first, second][i % 2]!.push('ann', `${i}`);
    await eventually(() => expect(vi.mocked(queues[0]!.add).mock.calls.length).toBeGreaterThan(0));
    expect(await waiting(first)).toBe(10);
    vi.restoreAllMocks();
    await eventually(() => expect(record.of('durable', MessagesPushed)).toHaveLength(10));
    await settled(first);
    const ids = record.of('durable', MessagesPushed).flatMap((event) => event.ids);
    expect(new Set(ids).size).toBe(10);
    expect(ids).toHaveLength(10);
  });

  it('that are durable get an event once whose job is added twice', async () => {
    const service = await start();
    const handler = handlerOf(service, 'messages-pushed');
    await handler.queue.pause();
    const jobs = [1, 2].map((i) => ({
      id: `${i}-0`,
      data: {
        tenant: 'acme',
        ids: [`${i}`],
        recipients: ['ann'],
        topic: null,
        expiresAt: null,
        createdAt: '2026-01-01',
      },
    }));
    await handler.add(jobs);
    await handler.add(jobs);
    await handler.add([jobs[0]!]);
    await handler.queue.resume();
    await settled(service);
    expect(
      record
        .of('durable', MessagesPushed)
        .flatMap(({ ids }) => ids)
        .toSorted(),
    ).toEqual(['1', '2']);
  });

  it('that are durable get what was put in while no node was there, and leave what is for others', async () => {
    const service = await start();
    await service.dataSource.query(`INSERT INTO homing_outbox (event, data) VALUES ('SomethingNew', '{}')`);
    const facts = { tenant: 'acme', id: 'x', recipient: 'ann', topic: null, createdAt: 0, cancelledAt: 0 };
    await service.dataSource.query(
      `INSERT INTO homing_outbox (event, data) SELECT 'MessageCancelled', $1::jsonb FROM generate_series(1, 500)`,
      [JSON.stringify(facts)],
    );
    await eventually(() => expect(record.of('durable', MessageCancelled)).toHaveLength(500));
    await eventually(async () => expect(await waiting(service)).toBe(1));
  });

  it('that are durable get what a node has to tell that moves nothing itself', async () => {
    const api = await start(undefined, { ROLES: 'api,gateway' });
    const [message] = await api.push('ann', 'hello');
    await api.connect('ann');
    await eventually(() => expect(record.of('live', MessagesPushed)).toHaveLength(1));
    expect(await waiting(api)).toBeGreaterThan(0);
    expect(record.of('durable', MessagesPushed)).toEqual([]);
    services.push(await api.startSecondNode({ ROLES: 'worker' }));
    for (const eventClass of [MessagesPushed, RecipientConnected, MessageDelivered])
      await eventually(() => expect(record.of('durable', eventClass)).toHaveLength(1));
    expect(record.of('durable', MessageDelivered)[0]?.id).toBe(message!.id);
  });

  it('that hang keep no node from stopping, and another one does what they left', async () => {
    let calls = 0;
    class Hanging {
      @OnDomainEvent(MessagesPushed, { durable: 'hanging', timeout: 2_147_483_647 })
      async handle(): Promise<void> {
        if ((calls += 1) === 1) await new Promise(() => undefined);
        done.push('hanging');
      }
    }
    const done: string[] = [];
    const first = await Service.startExtended(withHandlers(new Hanging()));
    await first.push('ann', 'hello');
    await eventually(() => expect(calls).toBe(1));
    await first.shutDown();
    expect(done).toEqual([]);
    services.push(await first.startSecondNode());
    await eventually(() => expect(done).toEqual(['hanging']));
  });

  it('that are durable begin nothing on a node that rests, though a job still comes to it', async () => {
    const service = await start();
    const handler = handlerOf(service, 'messages-pushed');
    await service.push('ann', 'before');
    await eventually(() => expect(record.of('durable', MessagesPushed)).toHaveLength(1));
    await handler.rest();
    await service.push('ann', 'for another node');
    // Whether its worker has asked for it or not, it stays.
    await eventually(async () => expect(await handler.queue.getJobCountByTypes('waiting', 'delayed')).toBe(1));
    await service.stop();
    services.pop();
    expect(record.of('durable', MessagesPushed)).toHaveLength(1);
  });

  it.runIf(queue === 'redis')('that are durable lose nothing to a Redis that goes and comes back empty', async () => {
    const port = await freePort();
    let redis = await startRedis(REDIS_SERVER.path!, port);
    const service = await start(undefined, { REDIS_URL: redis.url, LOG_LEVEL: 'fatal' });
    await service.push('ann', 'before');
    await eventually(() => expect(record.of('durable', MessagesPushed)).toHaveLength(1));
    await redis.stop();
    const ids: string[] = [];
    for (let i = 0; i < 10; i += 1) ids.push((await service.push('ann', `${i}`))[0]!.id);
    // They stay until the queue has them, not only its client.
    await eventually(() => expect(service.app.get(OutboxMover, { strict: false })['stuck']).toBe(true));
    expect(await waiting(service)).toBe(10);
    redis = await startRedis(REDIS_SERVER.path!, port);
    await eventually(() => {
      const handled = record.of('durable', MessagesPushed).flatMap((event) => event.ids);
      expect(handled).toEqual(expect.arrayContaining(ids));
    });
    await settled(service);
    await service.stop();
    services.pop();
    await redis.stop();
  });

  it.runIf(queue === 'redis').each(['shutDown', 'stop'] as const)(
    'that are durable keep no node from stopping while Redis is away: %s',
    { timeout: 60_000 },
    async (stop) => {
      const redis = await startRedis(REDIS_SERVER.path!);
      const service = await start(undefined, { REDIS_URL: redis.url, LOG_LEVEL: 'fatal' });
      await service.push('ann', 'before');
      await eventually(() => expect(record.of('durable', MessagesPushed)).toHaveLength(1));
      await redis.stop();
      await service.push('ann', 'stays in the outbox');
      services.pop();
      await service[stop]();
    },
  );

  it('cost nothing where there are none: the outbox is not asked for', async () => {
    const service = await Service.start();
    services.push(service);
    const statements = await statementsOf(async () => {
      await service.connect('ann');
      const [message] = await service.push('ann', 'hello');
      await service.pushGlobal('hello');
      await service.settled(message!.id, 'DELIVERED');
      const expiring = await service.push('bob', 'hello', { expiresAt: new Date(Date.now() + MINUTE).toISOString() });
      await service.setClock(2 * MINUTE);
      await eventually(async () => {
        const [row] = await service.dataSource.query('SELECT status FROM messages WHERE id = $1', [expiring[0]!.id]);
        expect(row.status).toBe('CANCELLED');
      });
    });
    expect(statements.length).toBeGreaterThan(10);
    expect(statements.filter(({ text }) => /outbox/i.test(text))).toEqual([]);
  });
});
