import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { good, queueIsHere, Service } from '../support/service.js';

const KIB_64 = 65_536;

describe.runIf(queueIsHere)('the frame of a message', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  it.each([
    ['emoji', '👩‍👩‍👧 héllo 日本'],
    ['line breaks and blanks', '\r\n a \t\n'],
    ['125 bytes', 'x'.repeat(125)],
    ['126 bytes', 'x'.repeat(126)],
    ['65,535 bytes', 'x'.repeat(KIB_64 - 1)],
    ['65,536 bytes', `é${'x'.repeat(KIB_64 - 2)}`],
  ])('is its text, byte for byte, live and from the backlog: %s', async (name, text) => {
    const live = await service.connect(name);
    const frames: { data: Buffer; isBinary: boolean }[] = [];
    live.socket.on('message', (data: Buffer, isBinary) => frames.push({ data, isBinary }));
    await service.push(name, text);
    await live.received(1);
    expect(frames).toHaveLength(1);
    expect(frames[0]!.isBinary).toBe(false);
    expect(frames[0]!.data.equals(Buffer.from(text))).toBe(true);
    await service.push(`${name} later`, text);
    expect(await (await service.connect(`${name} later`)).received(1)).toEqual([text]);
  });

  it('is a CloudEvents envelope for a client that offers cloudevents.json', async () => {
    const client = await service.connect(
      { recipient: 'cloud', topic: 'News' },
      { protocols: ['other', 'cloudevents.json'] },
    );
    expect(client.socket.protocol).toBe('cloudevents.json');
    const [plain] = await service.push('cloud', 'with "quotes" and 🚀');
    const [topical] = await service.push('cloud', 'news', { topic: 'News' });
    const events = (await client.received(2)).map((text) => JSON.parse(text) as Record<string, string>);
    expect(events[0]).toEqual({
      specversion: '1.0',
      id: plain!.id,
      type: 'homing.message',
      source: '/',
      subject: 'cloud',
      time: plain!.createdAt,
      datacontenttype: 'text/plain',
      data: 'with "quotes" and 🚀',
    });
    expect(events[1]).toMatchObject({ id: topical!.id, topic: 'News', data: 'news' });
    await service.settled(topical!.id, 'DELIVERED');
  });

  it('is a CloudEvents envelope for global messages too, beside bare texts for others', async () => {
    const cloud = await service.connect('cloud', { protocols: ['cloudevents.json'] });
    const bare = await service.connect('bare');
    const id = await service.pushGlobal('to all');
    expect(await bare.received(1)).toEqual(['to all']);
    const event = (await cloud.received(1)).map((text) => JSON.parse(text) as Record<string, string>).at(-1);
    const answer = await service.graphql<{ globalMessages: { items: { createdAt: string }[] } }>(
      '{ globalMessages(limit: 1) { items { createdAt } } }',
    );
    expect(event).toMatchObject({
      id,
      type: 'homing.global-message',
      subject: 'cloud',
      time: good(answer).globalMessages.items[0]!.createdAt,
      data: 'to all',
    });
  });
});
