import { describe, expect, it, vi } from 'vitest';
import { RedisRelay } from '../../src/relay/redis-relay.js';
import { freePort } from '../support/redis-server.js';

describe('the relay on Redis', () => {
  it('rejects a signal that could not be sent, so that its job is tried again', async () => {
    const relay = new RedisRelay(`redis://127.0.0.1:${await freePort()}`, 'nobody');
    vi.spyOn(relay['logger'], 'warn').mockImplementation(() => undefined);
    await expect(relay.publish([{ kind: 'global', tenant: 'acme', txid: 1 }])).rejects.toThrow();
    await relay.onApplicationShutdown();
  });
});
