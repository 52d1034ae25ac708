import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DomainEvents } from '../../src/events/domain-events.js';
import { MessagesPushed } from '../../src/events/messages-pushed.event.js';

const pushed = (txid: number) => new MessagesPushed('acme', txid, ['anna'], null);

describe('the road of the domain events', () => {
  const addBulk = vi.fn<(jobs: { name: string; data: { events: unknown[] } }[]) => Promise<unknown>>();
  let events: DomainEvents;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    addBulk.mockReset().mockResolvedValue([]);
    events = new DomainEvents({ addBulk } as never);
    vi.spyOn(events['logger'], 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('lets what happens together share a job', async () => {
    events.publish(pushed(1));
    events.publish(pushed(2));
    await events.settle();
    expect(addBulk.mock.calls).toEqual([[[{ name: 'MessagesPushed', data: { events: [pushed(1), pushed(2)] } }]]]);
  });

  it('tells listeners of this process at once, whatever the queue does', () => {
    addBulk.mockRejectedValue(new Error('down'));
    const heard: MessagesPushed[] = [];
    events.on(MessagesPushed, (event) => heard.push(event));
    events.publish(pushed(1));
    expect(heard).toEqual([pushed(1)]);
  });

  it('goes on after a queue that refused a job', async () => {
    addBulk.mockRejectedValueOnce(new Error('down'));
    events.publish(pushed(1));
    await events.settle();
    events.publish(pushed(2));
    await events.settle();
    expect(addBulk.mock.lastCall?.[0][0]?.data.events).toEqual([pushed(2)]);
  });

  it('gives a queue that hangs one job to keep and not every event of an outage, and goes on when it is back', async () => {
    let comeBack = (): void => undefined;
    addBulk.mockImplementationOnce(() => new Promise((resolve) => (comeBack = () => resolve([]))));
    events.publish(pushed(1));
    await vi.waitFor(() => expect(addBulk).toHaveBeenCalledOnce());
    await vi.advanceTimersByTimeAsync(5_000);
    await events.settle();
    for (let txid = 2; txid < 100; txid += 1) {
      events.publish(pushed(txid));
      await events.settle();
    }
    expect(addBulk).toHaveBeenCalledOnce();
    comeBack();
    await new Promise((resolve) => setImmediate(resolve));
    events.publish(pushed(100));
    await events.settle();
    expect(addBulk).toHaveBeenCalledTimes(2);
  });
});
