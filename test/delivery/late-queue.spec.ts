import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MessagesPushed } from '../../src/events/messages-pushed.event.js';
import { DatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { AllHandlers, Record, withHandlers } from '../support/handlers.js';
import { oneProcess, queue, Service } from '../support/service.js';

const here = queue === 'postgres' && oneProcess('It calls a part of a node by itself.');

describe.runIf(here)('a queue that takes no connection when the service starts', () => {
  const record = new Record();
  let proxy: DatabaseProxy;
  let service: Service;
  beforeAll(async () => {
    proxy = await DatabaseProxy.to(inject('databaseUrl'));
    // As those do that have too many clients. The other connections of the service name no schema of a queue.
    proxy.cut('_queue');
    const settings = { LOG_LEVEL: 'fatal', RECONCILE_INTERVAL: '100ms' };
    service = await Service.startExtended(withHandlers(new AllHandlers(record.note)), settings, proxy.url);
  });
  afterAll(async () => {
    await service.stop();
    proxy.close();
  });

  it('keeps no message from its recipient, and is used as soon as it takes them', async () => {
    const client = await service.connect('ann');
    const [message] = await service.push('ann', 'meanwhile');
    expect(await client.received(1)).toEqual(['meanwhile']);
    await expect(service.jobs.add('early', { node: 'test', events: [] })).rejects.toThrow();
    await service.settled(message!.id, 'DELIVERED');

    proxy.restore();
    await eventually(() => expect(record.of('durable', MessagesPushed)).toHaveLength(1));
    // The worker of the service knows no such job.
    const name = `late-${randomBytes(6).toString('hex')}`;
    const { id } = await eventually(() => service.jobs.add(name, { node: 'test', events: [] }, { attempts: 1 }));
    await eventually(async () => expect(await (await service.jobs.getJob(id as string))?.getState()).toBe('failed'));
  });
});
