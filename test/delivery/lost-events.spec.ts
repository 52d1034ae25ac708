import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryProcessor } from '../../src/delivery/delivery.processor.js';
import { ProofsRepository } from '../../src/delivery/proofs.repository.js';
import { DomainEvents } from '../../src/events/domain-events.js';
import { EVENTS_QUEUE } from '../../src/events/events-queue.js';
import { eventually } from '../support/eventually.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';
import { needsOneProcess, oneProcess, queue, queueIsHere, Service } from '../support/service.js';
import { insertMessage } from '../support/transactions.js';

describe.runIf(queueIsHere)('without events', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start({ RECONCILE_INTERVAL: '200ms' });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await service.stop();
  });

  const bullQueue = () => service.app.get<Queue>(getQueueToken(EVENTS_QUEUE), { strict: false });

  /** Pushes to a connected recipient and to one that connects later, and waits until all of it is proven. */
  async function expectDelivery(node = service): Promise<void> {
    const client = await node.connect('anna');
    const [live] = await node.push('anna', 'live');
    const [later] = await node.push('bert', 'later');
    expect(await client.received(1)).toEqual(['live']);
    expect(await (await node.connect('bert')).received(1)).toEqual(['later']);
    await node.settled(live!.id, 'DELIVERED');
    await node.settled(later!.id, 'DELIVERED');
  }

  it('a message is delivered all the same, and recorded, when every event is lost', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    vi.spyOn(service.app.get(DomainEvents, { strict: false }), 'publish').mockImplementation(() => undefined);
    await expectDelivery();
  });

  it('a message is delivered and recorded when the queue refuses every job', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    vi.spyOn(bullQueue(), 'add').mockRejectedValue(new Error('down'));
    await expectDelivery();
  });

  it('a message is delivered and recorded when the queue hangs, and the push does not wait for it', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    let release: () => void = () => undefined;
    const hanging = new Promise<never>((resolve) => (release = () => resolve(undefined as never)));
    vi.spyOn(bullQueue(), 'add').mockReturnValue(hanging);
    await expectDelivery();
    release();
  });

  it('a message is delivered and recorded when the database refuses the first records of its proof', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const proofs = service.app.get(ProofsRepository, { strict: false });
    vi.spyOn(proofs, 'record').mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
    await expectDelivery();
  });

  it('a message that one node stored reaches the connections of another', async () => {
    const other = await service.startSecondNode({ RECONCILE_INTERVAL: '200ms' });
    const client = await other.connect('anna');
    await other.push('anna', 'first');
    await client.received(1);
    await insertMessage(service, 'anna', 'nobody was told');
    expect(await client.received(2)).toEqual(['first', 'nobody was told']);
    await other.stop();
  });

  it.runIf(queue === 'redis' && REDIS_SERVER.path !== null)(
    'a message is delivered and recorded while Redis is down, and the service stops in time',
    async () => {
      const redis = await startRedis(REDIS_SERVER.path!);
      const node = await service.startSecondNode({
        REDIS_URL: redis.url,
        RECONCILE_INTERVAL: '200ms',
        LOG_LEVEL: 'fatal',
      });
      await redis.stop();
      await expectDelivery(node);
      await node.stop();
    },
  );
});

describe.runIf(queueIsHere && oneProcess('It calls a part of a node by itself.'))('a job', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start();
  });
  afterEach(async () => service.stop());

  async function work(name: string, ...events: object[]): Promise<void> {
    await service.app.get(DeliveryProcessor, { strict: false }).process({ name, data: { events } } as never);
  }

  async function seqOf(id: string): Promise<number> {
    const [row] = await service.dataSource.query('SELECT seq FROM messages WHERE id = $1', [id]);
    return Number(row.seq);
  }

  const confirmed = (seq: number, provenAt = Date.now()) => ({
    number: 0,
    proofs: [{ seq, provenAt }],
    globalProofs: [],
  });

  it('that confirms a delivery twice, or late, leaves the first time as it is', async () => {
    const [message] = await service.push('anna', 'text');
    const seq = await seqOf(message!.id);
    await work('DeliveryConfirmed', confirmed(seq));
    const [delivered] = await service.messages();
    expect(delivered).toMatchObject({ status: 'DELIVERED' });
    await work('DeliveryConfirmed', confirmed(seq, Date.now() + 5_000), confirmed(seq, 0));
    expect(await service.messages()).toEqual([delivered]);
  });

  it('that confirms a delivery by two proofs at once takes the first of them', async () => {
    const [message] = await service.push('anna', 'text');
    const seq = await seqOf(message!.id);
    const first = Date.parse(message!.createdAt) + 10;
    await eventually(() => expect(Date.now()).toBeGreaterThan(first + 20));
    await work('DeliveryConfirmed', confirmed(seq, first + 20), confirmed(seq, first), confirmed(seq, first + 10));
    expect(await service.messages()).toMatchObject([{ deliveredAt: new Date(first).toISOString() }]);
  });

  it('that confirms a delivery never gives it a time before the push, or one to come', async () => {
    const stored = await service.push(['anna', 'bert'], 'text');
    await work('DeliveryConfirmed', confirmed(await seqOf(stored[0]!.id), 0));
    await work('DeliveryConfirmed', confirmed(await seqOf(stored[1]!.id), Date.now() + 1_000_000));
    for (const { createdAt, deliveredAt } of await service.messages()) {
      expect(Date.parse(deliveredAt!)).toBeGreaterThanOrEqual(Date.parse(createdAt));
      expect(Date.parse(deliveredAt!)).toBeLessThanOrEqual(Date.now() + 1_000);
    }
  });

  it('that confirms a cancelled message changes nothing', async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const [message] = await service.push('anna', 'text', { expiresAt });
    const seq = await seqOf(message!.id);
    await service.setClock(120_000);
    await work('DeliveryConfirmed', confirmed(seq));
    expect(await service.messages()).toMatchObject([
      { status: 'CANCELLED', cancelledAt: expiresAt, deliveredAt: null },
    ]);
    await service.setClock(0);
    await work('DeliveryConfirmed', confirmed(seq));
    expect(await service.messages()).toMatchObject([
      { status: 'CANCELLED', cancelledAt: expiresAt, deliveredAt: null },
    ]);
  });

  it('that confirms what does not exist writes nothing', async () => {
    const id = await service.pushGlobal('to all', { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    const provenAt = Date.now();
    await work('DeliveryConfirmed', {
      number: 0,
      proofs: [{ seq: 999_999, provenAt }],
      globalProofs: [{ seq: 999_999, recipients: ['anna'], provenAt: [provenAt] }],
    });
    expect(await service.messages({ globalMessageId: id })).toEqual([]);
    expect(await service.dataSource.query('SELECT FROM global_deliveries WHERE global_seq = 999999')).toEqual([]);
  });

  it('that confirms a global message many times writes one row for each recipient', async () => {
    const id = await service.pushGlobal('to all');
    const [{ seq }] = await service.dataSource.query('SELECT seq FROM global_messages WHERE id = $1', [id]);
    const proofs = (...recipients: string[]) => ({
      seq: Number(seq),
      recipients,
      provenAt: recipients.map(() => Date.now()),
    });
    const event = { number: 0, proofs: [], globalProofs: [proofs('anna', 'anna', 'bert'), proofs('anna')] };
    await Promise.all([work('DeliveryConfirmed', event, event), work('DeliveryConfirmed', event)]);
    const rows = await service.messages({ globalMessageId: id });
    expect(rows.map(({ recipient }) => recipient).sort()).toEqual(['anna', 'bert']);
  });

  it('that wakes recipients again, late or out of order sends nothing twice', async () => {
    const client = await service.connect('anna');
    await service.push('anna', 'one');
    await service.push('anna', 'two');
    await client.received(2);
    for (const txid of [1_000_000, 1, 500]) {
      await work('MessagesPushed', { tenant: 'acme', txid, recipients: ['anna', 'stranger'], expiresAt: null });
      await work('GlobalMessagePushed', { tenant: 'acme', txid });
    }
    await service.push('anna', 'marker');
    expect(await client.received(3)).toEqual(['one', 'two', 'marker']);
  });

  it('of a name that nobody knows fails', async () => {
    await expect(work('Nonsense')).rejects.toThrow('No job is called Nonsense');
  });

  it('for the housekeeping can run at the same time as itself', async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    await service.push(
      Array.from({ length: 1_500 }, (_, i) => `r${i}`),
      'expires',
      { expiresAt },
    );
    await service.setClock(120_000);
    await Promise.all(['expire', 'expire', 'retain', 'expire', 'retain'].map((name) => work(name)));
    await eventually(async () => {
      for (const { status } of await service.messages()) expect(status).toBe('CANCELLED');
    });
  });
});
