import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { connectRedis } from '../redis/redis-connection.js';
import { Relay, type RelayListener, type Signal } from './relay.js';
import { decodeSignal, encodeSignal } from './signal-text.js';

/** Signals by the publish and subscribe of Redis or Valkey. */
@Injectable()
export class RedisRelay extends Relay implements OnApplicationShutdown {
  private readonly logger = new Logger(RedisRelay.name);
  private readonly publisher: Redis;
  private subscriber: Redis | null = null;

  constructor(
    private readonly url: string,
    private readonly channel: string,
  ) {
    super();
    this.publisher = this.connect();
  }

  async publish(signals: readonly Signal[]): Promise<void> {
    const pipeline = this.publisher.pipeline();
    for (const payload of signals.flatMap(encodeSignal)) pipeline.publish(this.channel, payload);
    // A pipeline does not reject; each of its commands tells how it went.
    const answers = await pipeline.exec();
    const failed = answers?.find(([error]) => error !== null)?.[0];
    if (failed) throw failed;
  }

  /** Does not wait for Redis: it may come later, or go and come back. What was said in between is lost. */
  async listen(listener: RelayListener): Promise<void> {
    const subscriber = this.connect();
    this.subscriber = subscriber;
    subscriber.on('message', (_channel: string, payload: string) => {
      const signal = decodeSignal(payload);
      if (signal) listener.onSignal(signal);
    });
    subscriber.on('ready', () => {
      subscriber.subscribe(this.channel).then(
        () => listener.onGap(),
        (error: Error) => this.logger.warn(`The relay can't listen yet: ${error.message}`),
      );
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.publisher.disconnect();
    this.subscriber?.disconnect();
  }

  private connect(): Redis {
    return connectRedis(this.url, 'The relay', this.logger, { autoResubscribe: false });
  }
}
