import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Heartbeat } from '../../src/gateway/heartbeat.js';
import type { RecipientClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { needsOneProcess, queueIsHere, Service } from '../support/service.js';

describe.runIf(queueIsHere)('a pong', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  /** A recipient that answers no ping by itself and was sent these messages, each with a ping of its own behind it. */
  async function mute(recipient: string, ...texts: string[]) {
    const client = await service.connect(recipient, { autoPong: false });
    const ids: string[] = [];
    for (const text of texts) {
      const [message] = await service.push(recipient, text);
      ids.push(message!.id);
      await eventually(() => expect(client.pingsBehind).toHaveLength(ids.length));
    }
    return { client, ids, pings: client.pingsBehind };
  }

  async function statuses(recipient: string): Promise<string[]> {
    return (await service.messages({ recipient })).map(({ status }) => status).reverse();
  }

  /** Sends pongs, then the one for the first of two messages; when that is proven, all of them have been taken. */
  async function answer(
    client: RecipientClient,
    recipient: string,
    firstId: string,
    pongs: Buffer[],
  ): Promise<string[]> {
    for (const pong of pongs) client.socket.pong(pong);
    client.socket.pong(client.pingsBehind[0]);
    await service.settled(firstId, 'DELIVERED');
    return statuses(recipient);
  }

  it('for the latest ping alone proves everything sent before it', async () => {
    const { client, ids, pings } = await mute('latest', 'one', 'two', 'three');
    client.socket.pong(pings[2]);
    for (const id of ids) await service.settled(id, 'DELIVERED');
  });

  it('for an earlier ping does not prove what was sent after that', async () => {
    const { client, ids } = await mute('earlier', 'one', 'two');
    expect(await answer(client, 'earlier', ids[0]!, [])).toEqual(['DELIVERED', 'PENDING']);
  });

  it('that nobody asked for proves nothing', async () => {
    const { client, ids } = await mute('unsolicited', 'one', 'two');
    const pongs = [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(8), Buffer.alloc(8, 0xff), Buffer.alloc(125)];
    expect(await answer(client, 'unsolicited', ids[0]!, pongs)).toEqual(['DELIVERED', 'PENDING']);
  });

  it('with a forged number, of a ping still to come, proves nothing then or later', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    // It would take the number for one of its own.
    service.app.get(Heartbeat, { strict: false }).onApplicationShutdown();
    const { client, ids, pings } = await mute('forged', 'one', 'two');
    const next = Buffer.from(pings[1]!);
    next.writeUIntBE(next.readUIntBE(2, 6) + 1, 2, 6);
    expect(await answer(client, 'forged', ids[0]!, [next])).toEqual(['DELIVERED', 'PENDING']);
    await service.push('forged', 'three');
    await client.received(3);
    expect(await statuses('forged')).toEqual(['DELIVERED', 'PENDING', 'PENDING']);
  });

  it("for a ping of another connection proves nothing, the same recipient's included", async () => {
    const { client: first } = await mute('borrowed');
    const { client, ids } = await mute('borrowed', 'one', 'two');
    await eventually(() => expect(first.pingsBehind[1]).toBeDefined());
    expect(await answer(client, 'borrowed', ids[0]!, [first.pingsBehind[1]!])).toEqual(['DELIVERED', 'PENDING']);
  });

  it('that is repeated changes nothing', async () => {
    const { client, ids, pings } = await mute('repeated', 'one', 'two');
    await answer(client, 'repeated', ids[0]!, []);
    const [, before] = await service.messages({ recipient: 'repeated' });
    expect(await answer(client, 'repeated', ids[0]!, [pings[0]!, pings[0]!])).toEqual(['DELIVERED', 'PENDING']);
    const [, after] = await service.messages({ recipient: 'repeated' });
    expect(after).toEqual(before);
  });

  it('for the heartbeat alone proves what was sent before the heartbeat', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const node = await service.startSecondNode();
    const client = await node.connect('heartbeat', { autoPong: false });
    const [message] = await node.push('heartbeat', 'one');
    await client.received(1);
    const seen = client.pings.length;
    const heartbeat = node.app.get(Heartbeat, { strict: false });
    heartbeat.onApplicationShutdown();
    heartbeat['tickedAt'] = performance.now();
    for (let slice = 0; slice < 10; slice += 1) heartbeat['beat']();
    await eventually(() => expect(client.pings.length).toBe(seen + 1));
    client.socket.pong(client.pings.at(-1));
    await node.settled(message!.id, 'DELIVERED');
    await node.stop();
  });

  it('that never comes since the socket was killed leaves the messages PENDING, and they are sent again', async () => {
    const { client, ids } = await mute('killed', 'one', 'two');
    await client.kill();
    expect(await statuses('killed')).toEqual(['PENDING', 'PENDING']);
    const again = await service.connect('killed');
    expect(await again.received(2)).toEqual(['one', 'two']);
    for (const id of ids) await service.settled(id, 'DELIVERED');
  });

  it('from a connection that was given a global message writes its row, and none before', async () => {
    const { client } = await mute('global');
    const id = await service.pushGlobal('to all');
    await eventually(() => expect(client.pingsBehind).toHaveLength(1));
    const named = async () => (await service.messages({ globalMessageId: id })).map(({ recipient }) => recipient);
    expect(await named()).not.toContain('global');
    client.socket.pong(client.pingsBehind[0]);
    await eventually(async () => expect(await named()).toContain('global'));
  });
});
