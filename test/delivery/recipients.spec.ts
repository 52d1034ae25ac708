import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { InboxRepository } from '../../src/delivery/inbox.repository.js';
import { Gate } from '../support/gate.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

describe.runIf(queueIsHere)('a message', () => {
  let service: Service;
  let other: Service;
  beforeAll(async () => {
    service = await Service.start();
    other = await service.startSecondNode();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(async () => {
    await other.stop();
    await service.stop();
  });

  it.runIf(oneProcess('It stops, breaks or watches a step inside a node.')).each(['the same node', 'another node'])(
    'reaches every connection that is open, even one on %s that looks after another has proven it',
    async (where) => {
      const node = where === 'another node' ? other : service;
      const recipient = `two on ${where}`;
      const first = await service.connect({ recipient, topic: 'A' });
      const second = await node.connect({ recipient, topic: 'B' });
      await service.push(recipient, 'first');
      for (const client of [first, second]) await client.received(1);
      const gate = new Gate();
      const inbox = node.app.get(InboxRepository, { strict: false });
      const news = inbox.news.bind(inbox);
      vi.spyOn(inbox, 'news').mockImplementation(async (requests) => {
        if (requests.some(({ topic, recipient: of }) => topic === 'B' && of === recipient)) await gate.pass();
        return news(requests);
      });
      // On one node both would share the reading; there the second is told apart by the first being proven elsewhere.
      const prover = where === 'another node' ? first : await other.connect({ recipient, topic: 'A' });
      const [message] = await service.push(recipient, 'second');
      await prover.received(where === 'another node' ? 2 : 1);
      await service.settled(message!.id, 'DELIVERED');
      gate.open();
      expect(await second.received(2)).toEqual(['first', 'second']);
    },
  );

  it('is DELIVERED at the first proof, and a later proof does not move the time', async () => {
    const mute = await service.connect('first proof', { autoPong: false });
    await service.connect('first proof');
    const [message] = await service.push('first proof', 'text');
    const delivered = await service.settled(message!.id, 'DELIVERED');
    await mute.received(1);
    await expect.poll(() => mute.pings.length).toBeGreaterThan(0);
    mute.socket.pong(mute.pings.at(-1));
    const [marker] = await service.push('first proof', 'marker');
    await service.settled(marker!.id, 'DELIVERED');
    expect(await service.messages({ recipient: 'first proof' })).toContainEqual(delivered);
  });

  it('to many recipients reaches each of them, connected or not', async () => {
    const recipients = Array.from({ length: 2_000 }, (_, i) => `many ${i}`);
    const clients = [];
    for (let i = 0; i < 2_000; i += 100) clients.push(await [service, other][(i / 100) % 2]!.connect(`many ${i}`));
    const items = await service.push(recipients, 'to many');
    expect(items.map(({ recipient }) => recipient)).toEqual(recipients);
    for (const client of clients) expect(await client.received(1)).toEqual(['to many']);
    await service.settled(items[1_900]!.id, 'DELIVERED');
    expect(await service.messages({ recipient: 'many 1' })).toMatchObject([{ status: 'PENDING' }]);
    expect(await (await other.connect('many 1')).received(1)).toEqual(['to many']);
  });

  it('never reaches a recipient of the same name of another tenant', async () => {
    const key = await service.createKey({ tenant: 'other' });
    const foreign = await service.connect('anna', {}, key);
    await service.push('anna', 'ours');
    await service.push('anna', 'theirs', {}, key);
    expect(await foreign.received(1)).toEqual(['theirs']);
  });

  describe('with a topic', () => {
    it('is PENDING until a connection of that very topic opens, and then arrives in its place', async () => {
      const without = await service.connect('topics');
      const lower = await service.connect({ recipient: 'topics', topic: 'news' });
      const [first] = await service.push('topics', 'one', { topic: 'News' });
      await service.push('topics', 'two');
      await service.push('topics', 'three', { topic: 'News' });
      for (const client of [without, lower]) expect(await client.received(1)).toEqual(['two']);
      expect(await service.messages({ topic: 'News' })).toMatchObject([{ status: 'PENDING' }, { status: 'PENDING' }]);
      const same = await service.connect({ recipient: 'topics', topic: 'News' });
      await service.settled(first!.id, 'DELIVERED');
      expect((await same.received(2)).filter((text) => text !== 'two')).toEqual(['one', 'three']);
    });

    it('goes live to the connections of the topic, and messages without one to all', async () => {
      const sport = await service.connect({ recipient: 'live', topic: 'sport' });
      const bare = await service.connect('live');
      await service.push('live', 'goal', { topic: 'sport' });
      await service.push('live', 'opera', { topic: 'culture' });
      await service.push('live', 'marker');
      expect(await sport.received(2)).toEqual(['goal', 'marker']);
      expect(await bare.received(1)).toEqual(['marker']);
    });
  });
});
