import { type OnApplicationShutdown } from '@nestjs/common';
import type { ChainableCommander, Redis } from 'ioredis';
import { Log } from '../log/log.js';
import { connectRedis } from '../redis/redis-connection.js';
import { audienceName, Audiences } from './audiences.js';
import { type Audience, Relay, type RelayListener, type Signal } from './relay.js';
import { decodeSignal, encodeSignal } from './signal-text.js';

/** Channels that a command subscribes to at most. */
const BATCH = 1_000;
/** Messages that are published at once, or a few more. */
const STEP = 250;
/** How long Redis may take for a command, in milliseconds: connections wait for it before they read their backlog. */
const PATIENCE = 1_000;

/** Signals by the publish and subscribe of Redis or Valkey: a channel for each audience, and one for what concerns all nodes. */
export class RedisRelay extends Relay implements OnApplicationShutdown {
  private readonly log = new Log(RedisRelay.name);
  private readonly audiences = new Audiences((joining, leaving) => this.move(joining, leaving));
  private readonly publisher: Redis;
  private subscriber: Redis | null = null;

  constructor(
    private readonly url: string,
    private readonly channel: string,
  ) {
    super();
    this.publisher = this.connect();
  }

  get isUp(): boolean {
    return this.publisher.status === 'ready' && (this.subscriber === null || this.subscriber.status === 'ready');
  }

  /** What is said to thousands is said in steps: others have their turn meanwhile. */
  async publish(signals: readonly Signal[]): Promise<void> {
    let step = this.publisher.pipeline();
    for (const signal of signals) {
      for (const [channel, concerned] of this.channelsOf(signal)) {
        for (const payload of encodeSignal(concerned)) step.publish(channel, payload);
        if (step.length < STEP) continue;
        await run(step);
        step = this.publisher.pipeline();
      }
    }
    await run(step);
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
      this.subscribe([this.channel, ...this.audiences.all.map((name) => this.channelOf(name))]).then(
        () => listener.onGap(),
        (error: Error) => this.log.write('relay.down', "The relay can't listen yet", { error }),
      );
    });
  }

  join(audience: Audience): Promise<void> {
    return this.audiences.join(audience);
  }

  leave(audience: Audience): void {
    this.audiences.leave(audience);
  }

  async onApplicationShutdown(): Promise<void> {
    this.publisher.disconnect();
    this.subscriber?.disconnect();
  }

  private *channelsOf(signal: Signal): Generator<[channel: string, signal: Signal]> {
    if (signal.kind === 'revocation' || signal.kind === 'lookup') yield [this.channel, signal];
    else if (signal.kind === 'global')
      yield [this.channelOf(audienceName({ tenant: signal.tenant, recipient: null })), signal];
    else
      for (const recipient of signal.recipients)
        yield [
          this.channelOf(audienceName({ tenant: signal.tenant, recipient })),
          { ...signal, recipients: [recipient] },
        ];
  }

  private channelOf(name: string): string {
    return `${this.channel}:${name}`;
  }

  /** Without a connection there is nothing to do: when it is back, everything is subscribed to. */
  private async move(joining: readonly string[], leaving: readonly string[]): Promise<void> {
    if (this.subscriber?.status !== 'ready') return;
    try {
      const left = leaving.map((name) => this.channelOf(name));
      for (let i = 0; i < left.length; i += BATCH) await this.subscriber.unsubscribe(...left.slice(i, i + BATCH));
      await this.subscribe(joining.map((name) => this.channelOf(name)));
    } catch (error) {
      this.log.write('relay.down', 'The relay could not change what it listens to, and begins anew', { error });
      this.subscriber.disconnect(true);
    }
  }

  private async subscribe(channels: readonly string[]): Promise<void> {
    for (let i = 0; i < channels.length; i += BATCH) await this.subscriber?.subscribe(...channels.slice(i, i + BATCH));
  }

  private connect(): Redis {
    return connectRedis(this.url, 'The relay', this.log, { autoResubscribe: false, commandTimeout: PATIENCE });
  }
}

/** Runs a pipeline, which does not reject: each of its commands tells how it went. */
async function run(pipeline: ChainableCommander): Promise<void> {
  const answers = await pipeline.exec();
  const failed = answers?.find(([error]) => error !== null)?.[0];
  if (failed) throw failed;
}
