import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueIsHere, Service } from '../support/service.js';
import { openPush } from '../support/transactions.js';

const COUNT = 100;
const texts = Array.from({ length: COUNT }, (_, i) => `message ${i}`);

describe.runIf(queueIsHere)('the order of messages', () => {
  let service: Service;
  let other: Service;
  beforeAll(async () => {
    service = await Service.start();
    other = await service.startSecondNode();
  });
  afterAll(async () => {
    await other.stop();
    await service.stop();
  });

  it('whose pushes were answered one after the other is kept live, on every connection', async () => {
    const clients = [await service.connect('live'), await service.connect('live')];
    for (const text of texts) await service.push('live', text);
    for (const client of clients) expect(await client.received(COUNT)).toEqual(texts);
  });

  it('is kept from the backlog', async () => {
    for (const text of texts) await service.push('backlog', text);
    const client = await service.connect('backlog');
    expect(await client.received(COUNT)).toEqual(texts);
  });

  it('is kept across two nodes, whichever took the push and whichever holds the connection', async () => {
    const clients = [await service.connect('nodes'), await other.connect('nodes')];
    for (const [i, text] of texts.entries()) await [service, other][i % 2]!.push('nodes', text);
    for (const client of clients) expect(await client.received(COUNT)).toEqual(texts);
  });

  it('is kept by connections that open while messages are pushed', async () => {
    const opening: ReturnType<Service['connect']>[] = [];
    const witness = await service.connect('opening', { autoPong: false });
    for (const [i, text] of texts.entries()) {
      await service.push('opening', text);
      if (i % 20 === 0) opening.push([service, other][(i / 20) % 2]!.connect('opening'));
    }
    expect(await witness.received(COUNT)).toEqual(texts);
    for (const client of await Promise.all(opening)) {
      await service.push('opening', 'marker');
      const received = await client.received(1);
      await expect.poll(() => received.includes('marker')).toBe(true);
      const places = received.slice(0, received.indexOf('marker')).map((text) => texts.indexOf(text));
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    }
  });

  it('does not hide a message whose transaction commits after a later one was sent', async () => {
    const client = await service.connect('late');
    const push = await openPush(service, 'late', 'low number, late commit');
    await service.push('late', 'high number, early commit');
    expect(await client.received(1)).toEqual(['high number, early commit']);
    await push.commit();
    await service.push('late', 'marker');
    expect(await client.received(3)).toEqual(['high number, early commit', 'low number, late commit', 'marker']);
  });

  it('of pushes that run at the same time is any, and all of them arrive once', async () => {
    const clients = [await service.connect('together'), await other.connect('together')];
    await Promise.all(texts.map((text, i) => [service, other][i % 2]!.push('together', text)));
    await service.push('together', 'marker');
    for (const client of clients) {
      expect([...(await client.received(COUNT + 1))].sort()).toEqual([...texts, 'marker'].sort());
    }
  });
});
