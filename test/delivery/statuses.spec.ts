import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueIsHere, Service } from '../support/service.js';

const MINUTE = 60_000;

describe.runIf(queueIsHere)('the status of a message', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  it('is DELIVERED within a second when a connected recipient answers pings', async () => {
    const client = await service.connect('live');
    const [message] = await service.push('live', 'now');
    expect(message).toMatchObject({ recipient: 'live', message: 'now', status: 'PENDING', deliveredAt: null });
    expect(await client.received(1)).toEqual(['now']);
    const delivered = await service.settled(message!.id, 'DELIVERED');
    expect(Date.parse(delivered.deliveredAt!) - Date.parse(delivered.createdAt)).toBeLessThan(1_000);
  });

  it('is PENDING until the recipient connects, then DELIVERED from the backlog, oldest first', async () => {
    const first = await service.push('later', 'one');
    const second = await service.push('later', 'two');
    expect((await service.messages({ recipient: 'later' })).map(({ status }) => status)).toEqual([
      'PENDING',
      'PENDING',
    ]);
    const client = await service.connect('later');
    expect(await client.received(2)).toEqual(['one', 'two']);
    await service.settled(first[0]!.id, 'DELIVERED');
    await service.settled(second[0]!.id, 'DELIVERED');
  });

  it('stays PENDING when the client never answers pings, and the message is sent again at the next connection', async () => {
    const mute = await service.connect('mute', { autoPong: false });
    const [message] = await service.push('mute', 'unproven');
    await mute.received(1);
    await mute.kill();
    expect((await service.messages({ recipient: 'mute' }))[0]).toMatchObject({ status: 'PENDING' });
    const client = await service.connect('mute');
    expect(await client.received(1)).toEqual(['unproven']);
    await service.settled(message!.id, 'DELIVERED');
  });

  it('becomes CANCELLED at the expiry of a message whose recipient was never connected, and it is not sent', async () => {
    const expiresAt = new Date(Date.now() + MINUTE).toISOString();
    const [message] = await service.push('never', 'too late', { expiresAt });
    await service.setClock(2 * MINUTE);
    expect((await service.messages({ recipient: 'never' }))[0]).toMatchObject({
      id: message!.id,
      status: 'CANCELLED',
      cancelledAt: expiresAt,
      deliveredAt: null,
    });
    const client = await service.connect('never');
    await service.push('never', 'after');
    expect(await client.received(1)).toEqual(['after']);
    await service.setClock(0);
  });

  it('stays PENDING when the connection bears another topic', async () => {
    const client = await service.connect({ recipient: 'topics', topic: 'Sport' });
    const [other] = await service.push('topics', 'not for you', { topic: 'sport' });
    const [same] = await service.push('topics', 'for you', { topic: 'Sport' });
    await service.push('topics', 'for all');
    expect(await client.received(2)).toEqual(['for you', 'for all']);
    await service.settled(same!.id, 'DELIVERED');
    expect((await service.messages({ topic: 'sport' }))[0]).toMatchObject({ id: other!.id, status: 'PENDING' });
  });
});
