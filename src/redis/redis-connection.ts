import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../log/log.js';

/** A connection to Redis or Valkey that connects again by itself. Its loss is logged once, as a loss by `who`. */
export function connectRedis(url: string, who: string, log: Log, options: RedisOptions = {}): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, ...options });
  let told = false;
  redis.on('ready', () => (told = false));
  redis.on('error', (error: Error) => {
    if (!told) log.write('redis.down', `${who} has no connection to Redis, and tries again`, { error });
    told = true;
  });
  return redis;
}
