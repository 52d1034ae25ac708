import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { ProofLedger } from '../../src/delivery/proof-ledger.js';
import { ProofsRepository } from '../../src/delivery/proofs.repository.js';
import { DeliveryConfirmed } from '../../src/events/delivery-confirmed.event.js';
import { DomainEvents } from '../../src/events/domain-events.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { needsOneProcess, queueIsHere, Service } from '../support/service.js';
import { insertMessage, openPush } from '../support/transactions.js';

describe.runIf(queueIsHere)('a connection that opens', () => {
  let service: Service;
  beforeEach(async () => {
    service = await Service.start({ RECONCILE_INTERVAL: '200ms' });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await service.stop();
  });

  const inbox = () => service.app.get(InboxRepository, { strict: false });

  /** Lets the first reading of the next connection wait before the gate, and not what the reconciler reads for one that is open. */
  function holdBacklog(): Gate {
    const gate = new Gate();
    const backlog = inbox().backlog.bind(inbox());
    vi.spyOn(inbox(), 'backlog').mockImplementation(async (requests) => {
      if (requests.some(({ until }) => until === null)) await gate.pass();
      return backlog(requests);
    });
    return gate;
  }

  it('while a push commits gets the message, once', async () => {
    const push = await openPush(service, 'anna', 'committed later');
    const client = await service.connect('anna');
    await service.push('anna', 'meanwhile');
    await client.received(1);
    await push.commit();
    await client.received(2);
    await service.push('anna', 'marker');
    expect(await client.received(3)).toEqual(['meanwhile', 'committed later', 'marker']);
  });

  it('before a push gets the message even when another connection proves it before this one has read anything', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const first = await service.connect('bert');
    await service.push('bert', 'first');
    await first.received(1);
    const gate = holdBacklog();
    const second = await service.connect('bert');
    await gate.reached;
    const [message] = await service.push('bert', 'for both');
    await first.received(2);
    await service.settled(message!.id, 'DELIVERED');
    gate.open();
    expect(await second.received(1)).toEqual(['for both']);
  });

  it('before a push of a global message gets it even when another connection proves it first', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const first = await service.connect('carl');
    await service.push('carl', 'first');
    await first.received(1);
    const gate = holdBacklog();
    const second = await service.connect('carl');
    await gate.reached;
    const id = await service.pushGlobal('for both');
    await first.received(2);
    await eventually(async () => expect(await service.messages({ globalMessageId: id })).toHaveLength(1));
    gate.open();
    expect(await second.received(1)).toEqual(['for both']);
    await service.push('carl', 'marker');
    expect(await second.received(2)).toEqual(['for both', 'marker']);
  });

  it('after a push that another connection has proven does not get the message', async () => {
    const first = await service.connect('dora');
    const [message] = await service.push('dora', 'proven');
    await first.received(1);
    await service.settled(message!.id, 'DELIVERED');
    const second = await service.connect('dora');
    await service.push('dora', 'marker');
    expect(await second.received(1)).toEqual(['marker']);
  });

  it('does not get again what its recipient has proven here and the queue has not recorded yet', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const events = service.app.get(DomainEvents, { strict: false });
    const publish = events.publish.bind(events);
    vi.spyOn(events, 'publish').mockImplementation((event) => {
      if (!(event instanceof DeliveryConfirmed)) publish(event);
    });
    vi.spyOn(service.app.get(ProofLedger, { strict: false }), 'settle').mockResolvedValue();
    const first = await service.connect('emil');
    await service.push('emil', 'proven');
    await first.received(1);
    await first.close();
    const second = await service.connect('emil');
    await service.push('emil', 'marker');
    expect(await second.received(1)).toEqual(['marker']);
    expect((await service.messages({ recipient: 'emil' })).map(({ status }) => status)).toContain('PENDING');
  });

  it('does not get again a global message that its recipient has proven here and the queue has not recorded yet', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const proofs = service.app.get(ProofsRepository, { strict: false });
    vi.spyOn(proofs, 'recordGlobal').mockResolvedValue();
    const first = await service.connect('else');
    const id = await service.pushGlobal('proven');
    await first.received(1);
    await first.close();
    const second = await service.connect('else');
    await service.push('else', 'marker');
    expect(await second.received(1)).toEqual(['marker']);
    expect(await service.messages({ globalMessageId: id })).toEqual([]);
  });

  it('within the minute of a global message gets it, however long its backlog takes', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    for (let i = 0; i < 3; i += 1) await insertMessage(service, 'gustav', `${i}${'x'.repeat(60_000)}`);
    await service.pushGlobal('to all');
    await service.setClock(50_000);
    const backlog = inbox().backlog.bind(inbox());
    vi.spyOn(inbox(), 'backlog').mockImplementationOnce(async (requests) => {
      const pages = await backlog(requests);
      expect(pages[0]).toMatchObject({ more: true, items: [{}, {}] });
      await service.setClock(65_000);
      return pages;
    });
    const client = await service.connect('gustav');
    expect((await client.received(4)).at(-1)).toBe('to all');
    const late = await service.connect('hans');
    await service.push('hans', 'marker');
    expect(await late.received(1)).toEqual(['marker']);
  });

  it('gets what was pushed between two pages of its backlog, after the backlog, once', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const texts = Array.from({ length: 150 }, (_, i) => `old ${i}`);
    for (const text of texts) await insertMessage(service, 'frieda', text);
    const backlog = inbox().backlog.bind(inbox());
    // Once: the reconciler looks through the backlog again and again.
    vi.spyOn(inbox(), 'backlog').mockImplementationOnce(async (requests) => {
      const pages = await backlog(requests);
      await service.push('frieda', 'pushed meanwhile');
      return pages;
    });
    const client = await service.connect('frieda');
    await client.received(151);
    await service.push('frieda', 'marker');
    expect(await client.received(152)).toEqual([...texts, 'pushed meanwhile', 'marker']);
  });

  it('which is looked through again for lost proofs gets new messages once all the same', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const client = await service.connect('gerd');
    const recipients = Array.from({ length: 100 }, (_, i) => `old ${i}`);
    for (const text of recipients) await insertMessage(service, 'gerd', text);
    const last = await service.push('gerd', 'last');
    await client.received(101);
    await service.settled(last[0]!.id, 'DELIVERED');
    const backlog = inbox().backlog.bind(inbox());
    let inserted: Promise<number> | undefined;
    vi.spyOn(inbox(), 'backlog').mockImplementation(async (requests) => {
      if (requests[0]?.until && requests[0].after === 0) await (inserted ??= insertMessage(service, 'gerd', 'new'));
      return backlog(requests);
    });
    // As if the records of all proofs had been lost.
    const ledger = service.app.get(ProofLedger, { strict: false });
    vi.spyOn(ledger, 'holds').mockReturnValue(false);
    vi.spyOn(ledger, 'settle').mockResolvedValue();
    await service.dataSource.query(
      `UPDATE messages SET status = 'PENDING', delivered_at = NULL WHERE recipient = 'gerd'`,
    );
    await client.received(202);
    await service.push('gerd', 'marker');
    await eventually(() => expect(client.messages).toContain('marker'));
    expect(client.messages.filter((text) => text === 'new')).toHaveLength(1);
  });

  it('gets nothing twice when all rows were restored from a dump of another cluster', async () => {
    const before = await service.connect('hans');
    const [message] = await service.push('hans', 'before the restoration');
    await service.settled(message!.id, 'DELIVERED');
    await before.close();
    await service.dataSource.query('UPDATE messages SET txid = txid + 1000000000');
    const restored = await service.startSecondNode();
    const client = await restored.connect('hans');
    await restored.push('hans', 'first');
    await client.received(1);
    await restored.push('hans', 'second');
    expect(await client.received(2)).toEqual(['first', 'second']);
    await restored.stop();
  });
});
