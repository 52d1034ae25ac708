import type { Queue } from 'bullmq';
import { getQueueToken } from '@nestjs/bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENTS_QUEUE } from '../../src/events/events-queue.js';
import { RecipientClient, UpgradeRefused } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';
import { oneProcess, queue, queueIsHere, Service } from '../support/service.js';

describe.runIf(queueIsHere && oneProcess('It calls a part of a node by itself.'))('nodes with a role each', () => {
  let api: Service;
  let gateway: Service;
  beforeAll(async () => {
    api = await Service.start({ ROLES: 'api' });
    gateway = await api.startSecondNode({ ROLES: 'gateway', RECONCILE_INTERVAL: '15s' });
  });
  afterAll(async () => {
    await gateway.stop();
    await api.stop();
  });

  const queueOf = (node: Service): Queue => node.app.get<Queue>(getQueueToken(EVENTS_QUEUE), { strict: false });
  const at = (node: Service, uri: string) => uri.replace(/\/\/[^/]+/, `//${new URL(node.url).host}`);

  it('say in their readiness what they are for', async () => {
    for (const [node, role] of [
      [api, 'api'],
      [gateway, 'gateway'],
    ] as const) {
      const response = await fetch(`${node.url}/health/ready`);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ status: 'ok', roles: [role], database: 'ok', queue: 'ok' });
    }
  });

  it('have neither API nor console without api', async () => {
    expect((await gateway.post('{"query":"{ version }"}', api.key)).status).toBe(404);
    expect((await fetch(`${gateway.url}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(404);
  });

  it('take no WebSocket without gateway, and say so', async () => {
    const refusal = await RecipientClient.connect(await api.register('ann')).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UpgradeRefused);
    expect(refusal).toMatchObject({ status: 404, headers: { 'x-request-id': expect.any(String) } });
    expect((refusal as UpgradeRefused).headers).not.toHaveProperty('retry-after');
  });

  it('only add to the queue without worker; a worker wakes the gateway and records what was proven', async () => {
    const client = await RecipientClient.connect(at(gateway, await api.register('ann')));
    const [message] = await api.push('ann', 'text');
    await eventually(async () => expect(await queueOf(api).getWaitingCount()).toBeGreaterThan(0));
    expect(await queueOf(api).getJobSchedulers()).toEqual([]);
    const worker = await api.startSecondNode({ ROLES: 'worker' });
    expect(await client.received(1)).toEqual(['text']);
    await api.settled(message!.id, 'DELIVERED');
    expect(await queueOf(worker).getJobSchedulers()).toHaveLength(2);
    expect((await worker.post('{"query":"{ version }"}', api.key)).status).toBe(404);
    await client.close();
    await worker.stop();
  });

  it.runIf(queue === 'redis' && REDIS_SERVER.path !== null)(
    'are ready without Redis, and say that it is away; one that only works the queue is not',
    async () => {
      const redis = await startRedis(REDIS_SERVER.path!);
      const environment = { REDIS_URL: redis.url, LOG_LEVEL: 'fatal' };
      const front = await api.startSecondNode({ ...environment, ROLES: 'api,worker' });
      const worker = await api.startSecondNode({ ...environment, ROLES: 'worker' });
      const ready = async (node: Service): Promise<object> => {
        const response = await fetch(`${node.url}/health/ready`);
        return { http: response.status, ...((await response.json()) as object) };
      };
      await redis.stop();
      await eventually(async () => {
        expect(await Promise.all([ready(front), ready(worker)])).toMatchObject([
          { http: 200, status: 'ok', queue: 'unreachable' },
          { http: 503, status: 'unavailable', queue: 'unreachable' },
        ]);
      });
      await front.push('bob', 'stored all the same');
      await Promise.all([front.stop(), worker.stop()]);
    },
  );
});
