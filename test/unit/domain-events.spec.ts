import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DomainEvents } from '../../src/events/domain-events.js';
import { GlobalMessagePushed } from '../../src/events/global-message-pushed.event.js';
import { MessagesPushed } from '../../src/events/messages-pushed.event.js';
import { carried } from '../../src/events/wake-up.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { PATIENCE } from '../support/eventually.js';
import { messagesPushed } from '../support/transactions.js';

const pushed = (txid: number) => messagesPushed(txid, ['anna']);

describe('the road of the domain events', () => {
  const add = vi.fn<(name: string, data: { events: unknown[] }) => Promise<unknown>>();
  let events: DomainEvents;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    add.mockReset().mockResolvedValue({});
    events = new DomainEvents({ add } as never, { text: 'here' }, new Metrics());
    vi.spyOn(events['log'], 'write').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    await events.settle();
    vi.useRealTimers();
  });

  it('lets what happens together share a job', async () => {
    events.publish(pushed(1));
    events.publish(pushed(2));
    await events.settle();
    expect(add.mock.calls).toEqual([['MessagesPushed', { node: 'here', events: [pushed(1), pushed(2)].map(carried) }]]);
  });

  it('puts into a job what wakes the recipients, and nothing that only handlers need', async () => {
    const facts = {
      tenant: 'acme',
      txid: 7,
      recipients: ['anna'],
      topic: 'orders',
      ids: ['an id'],
      requestId: 'a request',
    };
    events.publish(new MessagesPushed({ ...facts, expiresAt: new Date(5_000), createdAt: new Date(0) }));
    events.publish(new GlobalMessagePushed({ ...facts, id: 'an id', expiresAt: null, createdAt: new Date(0) }));
    await events.settle();
    // Byte for byte what versions without handlers put in.
    expect(add.mock.calls.map(([, data]) => JSON.stringify(data.events))).toEqual([
      '[{"tenant":"acme","txid":7,"recipients":["anna"],"expiresAt":5000,"requestId":"a request"}]',
      '[{"tenant":"acme","txid":7,"requestId":"a request"}]',
    ]);
  });

  it('settles what was published so far, though more and more is published', async () => {
    let txid = 1;
    add.mockImplementation(async () => events.publish(pushed((txid += 1))));
    events.publish(pushed(1));
    await events.settle();
    expect(add.mock.calls[0]?.[1].events).toEqual([carried(pushed(1))]);
    add.mockResolvedValue({});
    await events.settle();
  });

  it('tells listeners of this process at once, whatever the queue does', () => {
    add.mockRejectedValue(new Error('down'));
    const heard: MessagesPushed[] = [];
    events.on(MessagesPushed, (event) => heard.push(event));
    const event = pushed(1);
    events.publish(event);
    expect(heard).toEqual([event]);
  });

  it('goes on after a queue that refused a job', async () => {
    add.mockRejectedValueOnce(new Error('down'));
    events.publish(pushed(1));
    await events.settle();
    events.publish(pushed(2));
    await events.settle();
    expect(add.mock.lastCall?.[1].events).toEqual([carried(pushed(2))]);
  });

  it('gives a queue that hangs one job to keep and not every event of an outage, and goes on when it is back', async () => {
    let comeBack = (): void => undefined;
    add.mockImplementationOnce(() => new Promise((resolve) => (comeBack = () => resolve([]))));
    events.publish(pushed(1));
    await vi.waitFor(() => expect(add).toHaveBeenCalledOnce(), { timeout: PATIENCE });
    await vi.advanceTimersByTimeAsync(5_000);
    await events.settle();
    for (let txid = 2; txid < 100; txid += 1) {
      events.publish(pushed(txid));
      await events.settle();
    }
    expect(add).toHaveBeenCalledOnce();
    comeBack();
    await new Promise((resolve) => setImmediate(resolve));
    events.publish(pushed(100));
    await events.settle();
    expect(add).toHaveBeenCalledTimes(2);
  });
});
