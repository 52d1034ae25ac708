import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProofLedger } from '../../src/delivery/proof-ledger.js';
import { DomainEvents } from '../../src/events/domain-events.js';
import { MessagesRepository } from '../../src/messages/messages.repository.js';
import { RecipientClient, UpgradeRefused } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { RawConnection } from '../support/raw-connection.js';
import { needsOneProcess, queue, queueIsHere, Service } from '../support/service.js';

describe.runIf(queueIsHere)('a node that stops', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start();
  });
  afterEach(async () => service.stop());

  it('closes its connections with 1012, a few at a time, and refuses new ones with 503', async () => {
    const node = await service.startSecondNode({ DRAIN_TIME: '4s' });
    const uri = await node.register('anna');
    const clients: RecipientClient[] = [];
    for (let i = 0; i < 40; i += 1) clients.push(await node.connect('anna'));
    const stopped = node.shutDown();
    await clients[0]!.closing();
    expect(clients.some(({ closed }) => closed === null)).toBe(true);
    const refusal = await RecipientClient.connect(uri).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UpgradeRefused);
    expect(refusal).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect((await fetch(`${node.url}/health/ready`)).status).toBe(503);
    for (const client of clients) expect(await client.closing()).toEqual({ code: 1_012, reason: 'service restart' });
    await stopped;
  });

  it('records what was proven to it, and leaves the rest PENDING for the next connection', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const node = await service.startSecondNode();
    const client = await node.connect('anna', { autoPong: false });
    const [proven] = await node.push('anna', 'proven');
    const [unproven] = await node.push('anna', 'unproven');
    await client.received(2);
    await eventually(() => expect(client.pings.length).toBeGreaterThanOrEqual(1));
    const ledger = node.app.get(ProofLedger, { strict: false });
    client.socket.pong(client.pings[0]);
    await eventually(async () => {
      const [row] = await node.dataSource.query('SELECT seq FROM messages WHERE id = $1', [proven!.id]);
      expect(ledger.holds(Number(row.seq))).toBe(true);
    });
    await node.shutDown();
    const rows = new Map((await service.messages({ recipient: 'anna' })).map(({ id, status }) => [id, status]));
    expect(rows.get(proven!.id)).toBe('DELIVERED');
    const again = await service.connect('anna');
    if (rows.get(unproven!.id) === 'PENDING') expect(await again.received(1)).toEqual(['unproven']);
    await service.settled(unproven!.id, 'DELIVERED');
  });

  it('is forgotten by the others, and so is who was connected to it', async () => {
    const node = await service.startSecondNode();
    await node.connect('anna');
    const present = () => service.dataSource.query<object[]>("SELECT node FROM presences WHERE recipient = 'anna'");
    const nodes = () => service.dataSource.query<object[]>('SELECT node FROM nodes');
    const before = await nodes();
    if (queue === 'postgres') await eventually(async () => expect(await present()).toHaveLength(1));
    await node.shutDown();
    expect(await present()).toEqual([]);
    expect(await nodes()).toHaveLength(queue === 'postgres' ? before.length - 1 : 0);
  });

  it('does not wait for a peer that never answers the closing handshake', async () => {
    const node = await service.startSecondNode();
    const client = await node.connect('anna');
    client.stall();
    await node.shutDown();
    await service.push('anna', 'text');
    expect(await (await service.connect('anna')).received(1)).toEqual(['text']);
  });

  it('waits for requests that are under way, and not for one that never comes to its end', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const node = await service.startSecondNode();
    const url = `/graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nx-api-key: ${node.key}`;
    const half = await RawConnection.open(node.url);
    half.write(`POST ${url}\r\nContent-Length: 100\r\n\r\n{"query":`);
    const gate = new Gate();
    const messages = node.app.get(MessagesRepository, { strict: false });
    const list = messages.list.bind(messages);
    vi.spyOn(messages, 'list').mockImplementation((...args) => gate.pass().then(() => list(...args)));
    const listed = node.messages();
    await gate.reached;
    const began = performance.now();
    const stopped = node.shutDown();
    await eventually(() => expect(node.app.getHttpServer().listening).toBe(false));
    gate.open();
    expect(await listed).toEqual([]);
    await stopped;
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  it('loses no push that it answered while it stopped', async () => {
    const node = await service.startSecondNode();
    const pushes = Array.from({ length: 50 }, (_, i) =>
      node.push('anna', `text ${i}`).then(
        ([message]) => message?.id,
        () => undefined,
      ),
    );
    await Promise.race(pushes);
    await node.shutDown();
    const answered = (await Promise.all(pushes)).filter((id) => id !== undefined);
    expect(answered.length).toBeGreaterThan(0);
    const client = await service.connect('anna');
    await client.received(answered.length);
    for (const id of answered) await service.settled(id, 'DELIVERED');
  });

  it('puts the events of its last requests on the queue before it closes it', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const node = await service.startSecondNode();
    const settled = vi.spyOn(node.app.get(DomainEvents, { strict: false }), 'settle');
    const closed = vi.spyOn(node.jobs, 'close');
    await node.shutDown();
    expect(closed).toHaveBeenCalled();
    expect(settled.mock.invocationCallOrder.at(-1)).toBeLessThan(closed.mock.invocationCallOrder[0]!);
  });

  it('answers 503 with Retry-After to what it can not take any more, and no error of ours', async () => {
    const node = await service.startSecondNode();
    const seen = new Set<string>();
    let refused: Headers | undefined;
    const backends = Array.from({ length: 8 }, async () => {
      for (;;) {
        const answer = await node
          .graphql('mutation { pushMessage(input: { recipients: ["bob"], message: "text" }) { item { id } } }')
          .catch(() => null);
        if (answer === null) return;
        seen.add(`${answer.status} ${answer.errors[0]?.extensions.code ?? ''}`);
        if (answer.status === 503) refused = answer.headers;
      }
    });
    await eventually(() => expect(seen.size).toBeGreaterThan(0));
    await node.shutDown();
    await Promise.all(backends);
    expect([...seen].filter((each) => !['200 ', '503 UNAVAILABLE'].includes(each))).toEqual([]);
    if (refused) expect(refused.get('retry-after')).toBe('1');
  });
});
