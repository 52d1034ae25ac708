import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { MutationRate } from '../../src/access/mutation-rate.js';
import type { Settings } from '../../src/config/config.module.js';
import { eventually } from '../support/eventually.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';

const RATE = 5;
const rates: MutationRate[] = [];

function node(redisUrl: string | null, namespace = 'one'): MutationRate {
  const rate = new MutationRate({ mutationRate: RATE, redisUrl, namespace } as Settings);
  vi.spyOn(rate['log'], 'write').mockImplementation(() => undefined);
  rates.push(rate);
  return rate;
}

let tenants = 0;
const newTenant = () => `tenant ${(tenants += 1)}`;

/** Passes when what one node was given is none left for the other. A second may end in between, so it is tried again. */
const countTogether = async (one: MutationRate, other: MutationRate) =>
  eventually(async () => {
    const tenant = newTenant();
    expect([await one.take(tenant, RATE), await other.take(tenant, 1)]).toEqual([true, false]);
  });
const countApart = async (one: MutationRate, other: MutationRate) => {
  const tenant = newTenant();
  expect([await one.take(tenant, RATE), await other.take(tenant, RATE)]).toEqual([true, true]);
};

describe('the mutations of a tenant are counted', () => {
  afterEach(() => {
    vi.useRealTimers();
    for (const rate of rates.splice(0)) rate.onApplicationShutdown();
  });

  it('by each node without Redis', async () => {
    await countApart(node(null), node(null));
  });

  it('by each node for itself before Redis is there', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await countApart(node(url), node(url));
  });

  describe.runIf(REDIS_SERVER.path !== null)('in Redis', () => {
    it('over all nodes of an installation, and for that alone', async () => {
      const redis = await startRedis(REDIS_SERVER.path!);
      await countTogether(node(redis.url), node(redis.url));
      await countApart(node(redis.url), node(redis.url, 'other'));
      await redis.stop();
    });

    it('and none waits for one that hangs: the nodes count for themselves, until another is there', async () => {
      const port = await freePort();
      const hung = await startRedis(REDIS_SERVER.path!, port);
      const [one, other] = [node(hung.url), node(hung.url)];
      await countTogether(one, other);
      hung.hang();
      const now = performance.now();
      vi.useFakeTimers({ toFake: ['performance'] });
      // Beyond the time in which they counted alone while they were connecting.
      vi.advanceTimersByTime(Math.ceil(now) + 1_000);
      await countApart(one, other);
      const asked = vi.spyOn(one['shared']!, 'consume');
      await one.take(newTenant(), 1);
      expect(asked).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1_000);
      await one.take(newTenant(), 1);
      expect(asked).toHaveBeenCalledOnce();
      vi.useRealTimers();
      await hung.stop();
      const redis = await startRedis(REDIS_SERVER.path!, port);
      await countTogether(one, other);
      await redis.stop();
    });
  });
});
