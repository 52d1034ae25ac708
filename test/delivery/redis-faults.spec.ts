import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { eventually } from '../support/eventually.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';
import { queue, queueIsHere, Service } from '../support/service.js';

describe.runIf(queueIsHere && queue === 'redis')('two nodes whose Redis', () => {
  let port: number;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let one: Service;
  let other: Service;
  beforeAll(async () => {
    port = await freePort();
    redis = await startRedis(REDIS_SERVER.path!, port);
    const environment = { REDIS_URL: redis.url, RECONCILE_INTERVAL: '500ms', LOG_LEVEL: 'fatal' };
    one = await Service.start(environment);
    other = await one.startSecondNode(environment);
  });
  afterAll(async () => {
    await other.stop();
    await one.stop();
    await redis.stop();
  });

  /** Whether jobs are added and worked: the queue has nothing left that waits. */
  const works = () =>
    eventually(async () => {
      const response = await fetch(`${one.url}/health/ready`);
      expect(await response.json()).toMatchObject({ status: 'ok', queue: 'ok' });
      await one.push('nobody', 'text');
      const client = new Redis(redis.url);
      const ids = await client.keys('*:events:id');
      client.disconnect();
      // The number of the last job is stored with the first one that is added.
      expect(ids).toHaveLength(1);
      await eventually(async () => expect(await one.jobs.getWaitingCount()).toBe(0));
    });
  const expectAllDelivered = (recipient: string, count: number) =>
    eventually(async () =>
      expect((await one.messages({ recipient })).map(({ status }) => status)).toEqual(Array(count).fill('DELIVERED')),
    );

  it('is emptied deliver everything, and go on with it', async () => {
    const client = await other.connect('ann');
    const texts = Array.from({ length: 60 }, (_, i) => `text ${i}`);
    const flusher = new Redis(redis.url);
    for (const [i, text] of texts.entries()) {
      if (i % 20 === 10) await flusher.flushall();
      await one.push('ann', text);
    }
    flusher.disconnect();
    expect(await client.received(texts.length)).toEqual(texts);
    await expectAllDelivered('ann', texts.length);
    await works();
  });

  it('goes and comes back empty take pushes all the while, and go on with it', async () => {
    const client = await other.connect('bob');
    await redis.stop();
    await one.push('bob', 'meanwhile');
    expect(await client.received(1)).toEqual(['meanwhile']);
    redis = await startRedis(REDIS_SERVER.path!, port);
    await one.push('bob', 'after');
    expect(await client.received(2)).toEqual(['meanwhile', 'after']);
    await expectAllDelivered('bob', 2);
    await works();
  });
});
