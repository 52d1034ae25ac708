import { describe, expect, it, vi } from 'vitest';
import { RedisRelay } from '../../src/relay/redis-relay.js';
import { eventually } from '../support/eventually.js';
import { freePort, REDIS_SERVER, startRedis } from '../support/redis-server.js';

describe('the relay on Redis', () => {
  it('rejects a signal that could not be sent, so that its job is tried again', async () => {
    const relay = new RedisRelay(`redis://127.0.0.1:${await freePort()}`, 'nobody');
    vi.spyOn(relay['logger'], 'warn').mockImplementation(() => undefined);
    await expect(relay.publish([{ kind: 'global', tenant: 'acme', txid: 1 }])).rejects.toThrow();
    await relay.onApplicationShutdown();
  });

  it.runIf(REDIS_SERVER.path !== null)(
    'does not need Redis at the start: it says so once, and hears signals from when Redis comes, and again when it is back',
    async () => {
      const port = await freePort();
      const relay = new RedisRelay(`redis://127.0.0.1:${port}`, 'late');
      const warn = vi.spyOn(relay['logger'], 'warn').mockImplementation(() => undefined);
      const listener = { onSignal: vi.fn(), onGap: vi.fn() };
      await relay.listen(listener);
      // Several attempts to connect have failed.
      await eventually(() => expect(relay['subscriber']!['retryAttempts']).toBeGreaterThan(3));
      expect(warn.mock.calls.length).toBe(2);
      expect(listener.onGap).not.toHaveBeenCalled();
      for (const time of [1, 2]) {
        const redis = await startRedis(REDIS_SERVER.path!, port);
        await eventually(() => expect(listener.onGap).toHaveBeenCalledTimes(time));
        await eventually(() => relay.publish([{ kind: 'global', tenant: 'acme', txid: time }]));
        await eventually(() => expect(listener.onSignal).toHaveBeenCalledTimes(time));
        await redis.stop();
      }
      await relay.onApplicationShutdown();
    },
  );
});
