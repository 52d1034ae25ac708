import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecipientClient } from '../support/client.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

const MINUTE = 60_000;
const RealDate = Date;

/** Sets the clock of this process, and so of every node in it, wrong by so many milliseconds. The database's stays right. */
function setClockWrong(by: number): void {
  globalThis.Date = class extends RealDate {
    constructor(...parts: [] | ConstructorParameters<DateConstructor>) {
      if (parts.length === 0) super(RealDate.now() + by);
      else super(...parts);
    }
    static override now(): number {
      return RealDate.now() + by;
    }
  } as DateConstructor;
}

// The database's clock decides: docs/adr/0002-the-databases-clock.md.
describe.runIf(queueIsHere && oneProcess('It sets the clock or the time zone of the node, or reads its log.')).each([
  { name: 'ten minutes fast', wrong: 10 * MINUTE },
  { name: 'ten minutes slow', wrong: -10 * MINUTE },
])('with the clocks of all nodes $name', ({ wrong }) => {
  let service: Service;
  let second: Service;
  beforeEach(async () => {
    setClockWrong(wrong);
    service = await Service.start({ TOKEN_TTL: '5m' });
    second = await service.startSecondNode({ TOKEN_TTL: '5m' });
  });
  afterEach(async () => {
    globalThis.Date = RealDate;
    await second.stop();
    await service.stop();
  });

  const at = (milliseconds: number) => new RealDate(RealDate.now() + milliseconds).toISOString();

  it('a message that has not expired is delivered, live and from the backlog, at the time that it is', async () => {
    const begun = RealDate.now();
    const live = await service.connect('anna');
    const [message] = await second.push('anna', 'live', { expiresAt: at(2 * MINUTE) });
    expect(await live.received(1)).toEqual(['live']);
    const { createdAt, deliveredAt } = await service.settled(message!.id, 'DELIVERED');
    for (const time of [createdAt, deliveredAt!]) {
      expect(RealDate.parse(time)).toBeGreaterThanOrEqual(begun - 1);
      expect(RealDate.parse(time)).toBeLessThanOrEqual(RealDate.now() + 1);
    }
    await second.push('bert', 'waits', { expiresAt: at(2 * MINUTE) });
    const later = await service.connect('bert');
    expect(await later.received(1)).toEqual(['waits']);
  });

  it('a message expires when it does: not sent after it, and CANCELLED as of then', async () => {
    const expiresAt = at(1_500);
    const [message] = await service.push('anna', 'short', { expiresAt });
    const { cancelledAt } = await second.settled(message!.id, 'CANCELLED');
    expect(RealDate.now()).toBeGreaterThanOrEqual(RealDate.parse(expiresAt));
    expect(cancelledAt).toBe(expiresAt);
    const client = await second.connect('anna');
    await service.push('anna', 'marker');
    expect(await client.received(1)).toEqual(['marker']);
  });

  it('an expiry that has passed is refused, and one to come is not', async () => {
    await expect(service.push('anna', 'past', { expiresAt: at(-MINUTE) })).rejects.toThrow('must be in the future');
    await service.push('anna', 'to come', { expiresAt: at(MINUTE) });
  });

  it('a token opens connections from its issue on, on every node, and not after its time', async () => {
    const uri = new URL(await service.register('anna'));
    const client = await service.connect('anna');
    expect(client.closed).toBeNull();
    uri.host = new URL(second.url).host;
    await service.setClock(6 * MINUTE);
    await second.setClock(6 * MINUTE);
    const late = await RecipientClient.connect(uri.href);
    expect((await late.closing()).code).toBe(4401);
  });
});
