import type { Logger } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';

/** A connection to Redis or Valkey that connects again by itself. Its loss is logged once, as a loss by `who`. */
export function connectRedis(url: string, who: string, logger: Logger, options: RedisOptions = {}): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, ...options });
  let told = false;
  redis.on('ready', () => (told = false));
  redis.on('error', (error: Error) => {
    if (!told) logger.warn(`${who} has no connection to Redis, and tries again: ${error.message}`);
    told = true;
  });
  return redis;
}
