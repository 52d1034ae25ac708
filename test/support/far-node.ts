import { inject } from 'vitest';
import { DatabaseProxy } from './database-proxy.js';
import { queue, type Service } from './service.js';

/** What the relay's connection to PostgreSQL says of itself. */
const RELAY = 'homing relay';

/** A node of an installation whose ways to the database and to Redis a test can cut. Its clients reach it all the while. */
export class FarNode {
  private constructor(
    readonly node: Service,
    readonly database: DatabaseProxy,
    /** None where there is no Redis. */
    readonly redis: DatabaseProxy | null,
  ) {}

  /** Starts one. Its pools are small, so that it has few connections to lose. */
  static async start(
    installation: Service,
    environment: Record<string, string> = {},
    redisUrl = inject('redisUrl'),
  ): Promise<FarNode> {
    const database = await DatabaseProxy.to((installation.dataSource.options as { url: string }).url);
    const redis = queue === 'redis' ? await DatabaseProxy.to(redisUrl) : null;
    const node = await installation.startSecondNode({
      LOG_LEVEL: 'fatal',
      ...environment,
      DATABASE_URL: database.url,
      ...(redis && { REDIS_URL: redis.url }),
    });
    return new FarNode(node, database, redis);
  }

  /** No signal comes here any more, and nobody is told. The database answers. */
  deafen(): void {
    if (this.redis) this.redis.silence();
    else this.database.silence(RELAY);
  }

  /** The relay breaks, and can't be reached. The database answers. */
  cutRelay(): void {
    if (this.redis) this.redis.cut();
    else this.database.cut(RELAY);
  }

  restore(): void {
    this.database.restore();
    this.redis?.restore();
  }

  async stop(): Promise<void> {
    this.restore();
    await this.node.stop();
    this.database.close();
    this.redis?.close();
  }
}
