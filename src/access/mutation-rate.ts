import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Settings } from '../config/config.module.js';
import { Log } from '../log/log.js';
import { connectRedis } from '../redis/redis-connection.js';
import { RateBuckets } from '../http/rate-buckets.js';

/** How long Redis may take to count mutations, in milliseconds. */
const PATIENCE = 250;
/** How long a node counts alone after Redis did not answer, in milliseconds; then one mutation asks it again. */
const ALONE_TIME = 1_000;

/**
 * Counts the mutations of each tenant: over all nodes in Redis, second by second; on this node, by a bucket, without Redis
 * and for as long as it does not answer.
 */
@Injectable()
export class MutationRate implements OnApplicationShutdown {
  private readonly log = new Log(MutationRate.name);
  private readonly own: RateBuckets;
  private readonly redis: Redis | null = null;
  private readonly shared: RateLimiterRedis | null = null;
  private aloneUntil = 0;

  constructor({ mutationRate, redisUrl, namespace }: Settings) {
    this.own = new RateBuckets(mutationRate, mutationRate);
    if (redisUrl === null) return;
    this.redis = connectRedis(redisUrl, 'The limit of mutations', this.log, {
      commandTimeout: PATIENCE,
      enableOfflineQueue: false,
    });
    this.shared = new RateLimiterRedis({
      storeClient: this.redis,
      keyPrefix: `${namespace}:mutations`,
      points: mutationRate,
      duration: 1,
      // A tenant that is over its limit is told so from memory.
      inMemoryBlockOnConsumed: mutationRate + 1,
    });
  }

  /** Whether the tenant may make so many mutations now; if so, they are counted. */
  async take(tenant: string, count: number): Promise<boolean> {
    const now = performance.now();
    if (this.shared === null || now < this.aloneUntil) return this.own.take(tenant, count);
    // While this one asks whether Redis is back, the others don't wait for it.
    if (this.aloneUntil > 0) this.aloneUntil = now + ALONE_TIME;
    const allowed = await this.shared.consume(tenant, count).then(
      () => true,
      (refusal: unknown) => (refusal instanceof RateLimiterRes ? false : null),
    );
    this.aloneUntil = allowed === null ? performance.now() + ALONE_TIME : 0;
    return allowed ?? this.own.take(tenant, count);
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}
