import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HousekeepingRepository } from '../../src/delivery/housekeeping.repository.js';
import { eventually } from '../support/eventually.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

const DAY = 86_400_000;

describe.runIf(queueIsHere && oneProcess('It calls a part of a node by itself.'))('retention', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ MESSAGE_RETENTION: '30d' });
  });
  afterEach(async () => service.setClock(0));
  afterAll(async () => service.stop());

  const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
  const removeOld = () => service.app.get(HousekeepingRepository, { strict: false }).removeOld(30 * DAY);

  async function left(recipient: string): Promise<string[]> {
    return (await service.messages({ recipient })).map(({ message, status }) => `${message}: ${status}`);
  }

  /** Waits until the reach report of a global message names the recipient. */
  async function reached(globalMessageId: string, recipient: string): Promise<void> {
    await eventually(async () => expect(await recipientsOf(globalMessageId)).toContain(recipient));
  }

  async function recipientsOf(globalMessageId: string): Promise<string[]> {
    return (await service.messages({ globalMessageId })).map((message) => message.recipient);
  }

  it('removes messages that are delivered, cancelled or undeliverable after the time set, and keeps younger ones', async () => {
    await service.push('anna', 'cancelled', { expiresAt: inDays(1) });
    await service.push('anna', 'undeliverable', { topic: 'nobody' });
    const client = await service.connect('anna');
    const [delivered] = await service.push('anna', 'delivered');
    await service.settled(delivered!.id, 'DELIVERED');
    await client.close();
    await service.setClock(29 * DAY);
    await removeOld();
    expect((await left('anna')).length).toBe(3);
    await service.push('anna', 'younger', { topic: 'nobody' });
    await service.setClock(31 * DAY);
    await removeOld();
    expect(await left('anna')).toEqual(['younger: PENDING']);
  });

  it('keeps a PENDING message that has not expired, however old, and it is still delivered', async () => {
    const [message] = await service.push('bert', 'for next year', { expiresAt: inDays(365) });
    await service.setClock(60 * DAY);
    await removeOld();
    expect(await left('bert')).toEqual(['for next year: PENDING']);
    const client = await service.connect('bert');
    expect(await client.received(1)).toEqual(['for next year']);
    await service.settled(message!.id, 'DELIVERED');
  });

  it('removes many batches at once', async () => {
    const recipients = Array.from({ length: 2_500 }, (_, i) => `many-${i}`);
    await service.push(recipients, 'many');
    await service.setClock(31 * DAY);
    expect(await removeOld()).toBeGreaterThanOrEqual(2_500);
    expect(await service.messages({ recipient: 'many-2499' })).toEqual([]);
  });

  it('keeps the record of who has a global message as long as that can be delivered, so that nobody gets it twice', async () => {
    const id = await service.pushGlobal('to everybody, for a year', { expiresAt: inDays(365) });
    const first = await service.connect('carl');
    await first.received(1);
    await reached(id, 'carl');
    await first.close();
    await service.setClock(60 * DAY);
    await removeOld();
    expect(await recipientsOf(id)).toContain('carl');
    const again = await service.connect('carl');
    await service.push('carl', 'marker');
    expect(await again.received(1)).toEqual(['marker']);
  });

  it('keeps the text of a global message as long as a record shows it', async () => {
    const id = await service.pushGlobal('late reader', { expiresAt: inDays(29) });
    // A younger message in front of the record: the walk through the table ends there.
    await service.setClock(28 * DAY);
    await service.push('dora', 'younger', { topic: 'nobody' });
    await service.push(
      Array.from({ length: 1_000 }, (_, i) => `filler-${i}`),
      'filler',
    );
    await service.connect('dora');
    await reached(id, 'dora');
    await service.setClock(31 * DAY);
    await removeOld();
    for (const { message } of await service.messages({ globalMessageId: id })) expect(message).toBe('late reader');
  });
});
