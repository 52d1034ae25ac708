import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { NodeId } from '../../src/config/node-id.js';
import { dataSourceOptions, migrate } from '../../src/database/data-source.js';
import { PostgresRelay } from '../../src/relay/postgres-relay.js';
import { RedisRelay } from '../../src/relay/redis-relay.js';
import type { Audience, MessagesSignal, Signal } from '../../src/relay/relay.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';

type AnyRelay = PostgresRelay | RedisRelay;

/** What a relay works on, and how its connections are cut. */
interface Engine {
  start(): Promise<void>;
  stop(): Promise<void>;
  relay(channel: string, node: string): AnyRelay;
  cutAll(): Promise<void>;
}

class Postgres implements Engine {
  private dataSource!: DataSource;

  async start(): Promise<void> {
    const options = dataSourceOptions(await createDatabase(`relay_${randomBytes(6).toString('hex')}`), {
      databasePoolSize: 4,
      namespace: 'homing',
    });
    await migrate(options);
    this.dataSource = await new DataSource(options).initialize();
  }

  async stop(): Promise<void> {
    await this.dataSource.destroy();
  }

  relay(channel: string, node: string): PostgresRelay {
    return new PostgresRelay(this.dataSource, (this.dataSource.options as { url: string }).url, channel, node);
  }

  /** As after a crash: whoever listened is cut off, and who was where is forgotten. */
  async cutAll(): Promise<void> {
    await this.dataSource.query('TRUNCATE nodes, presences');
    await this.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'homing relay' AND datname = current_database()`,
    );
  }

  query<T>(sql: string): Promise<T> {
    return this.dataSource.query<T>(sql);
  }
}

class RedisEngine implements Engine {
  private server!: Awaited<ReturnType<typeof startRedis>>;
  private port = 0;

  async start(): Promise<void> {
    this.port = await freePort();
    this.server = await startRedis(REDIS_SERVER.path!, this.port);
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  relay(channel: string): RedisRelay {
    return new RedisRelay(this.server.url, channel);
  }

  async cutAll(): Promise<void> {
    await this.server.stop();
    this.server = await startRedis(REDIS_SERVER.path!, this.port);
  }
}

const news = (...recipients: string[]): MessagesSignal => ({ kind: 'messages', tenant: 'acme', txid: 7, recipients });
const of = (recipient: string | null, tenant = 'acme'): Audience => ({ tenant, recipient });

const postgres = new Postgres();

const engines: [name: string, engine: Engine][] = [['PostgreSQL', postgres]];
if (REDIS_SERVER.path !== null) engines.push(['Redis', new RedisEngine()]);

describe.each(engines)('the relay on %s', (_name, engine) => {
  beforeAll(() => engine.start());
  afterAll(() => engine.stop());

  const relays: AnyRelay[] = [];
  beforeEach(() => {
    vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const relay of relays.splice(0)) {
      if (relay instanceof PostgresRelay) await relay.beforeApplicationShutdown();
      await relay.onApplicationShutdown();
    }
  });

  let channels = 0;
  const newChannel = () => `test${(channels += 1)}`;

  /** A node that listens, and what it hears. */
  async function node(channel: string, name = randomBytes(8).toString('hex')) {
    const relay = engine.relay(channel, name);
    relays.push(relay);
    const heard: Signal[] = [];
    const onGap = vi.fn();
    await relay.listen({ onSignal: (signal) => heard.push(signal), onGap });
    // Redis is listened to from when it is there. Each listens to what concerns all.
    await eventually(async () => {
      await relay.publish([{ kind: 'revocation' }]);
      expect(heard.some(({ kind }) => kind === 'revocation')).toBe(true);
    });
    const names = () => heard.flatMap((signal) => (signal.kind === 'messages' ? signal.recipients : []));
    return { relay, heard, onGap, names, name };
  }

  /** Publishes, and waits until whatever was published has come. */
  async function publish(
    { relay, names }: Awaited<ReturnType<typeof node>>,
    signals: readonly Signal[],
    origin?: string,
  ): Promise<void> {
    const last = `last ${Math.random()}`;
    await relay.join(of(last));
    await relay.publish(signals, origin);
    await relay.publish([news(last)]);
    await eventually(() => expect(names()).toContain(last));
  }

  it('brings the id of a request, where there is one', async () => {
    const channel = newChannel();
    const [here, there] = [await node(channel), await node(channel)];
    for (const audience of [of('ann'), of(null)]) await there.relay.join(audience);
    const signals = [news('ann'), { kind: 'global', tenant: 'acme', txid: 7 } as const].map((signal) => ({
      ...signal,
      requestId: 'a-request',
    }));
    await here.relay.publish(signals);
    await eventually(() => expect(there.heard).toEqual(expect.arrayContaining(signals)));
  });

  it('brings news of a recipient to every node that has joined, and to no other', async () => {
    const channel = newChannel();
    const [one, two, three] = [await node(channel), await node(channel), await node(channel)];
    await one.relay.join(of('ann'));
    await two.relay.join(of('ann'));
    await three.relay.join(of('bob'));
    await three.relay.join(of('ann', 'other'));
    for (const each of [one, two, three]) await publish(each, [news('ann', 'eve')]);
    for (const { heard, names } of [one, two]) {
      expect(heard).toContainEqual(news('ann'));
      expect(names()).not.toContain('eve');
    }
    expect(three.names()).not.toContain('ann');
  });

  it('brings news of global messages to the nodes that have somebody of the tenant', async () => {
    const channel = newChannel();
    const [one, two] = [await node(channel), await node(channel)];
    await one.relay.join(of(null));
    await two.relay.join(of(null, 'other'));
    await publish(two, [{ kind: 'global', tenant: 'acme', txid: 9 }]);
    await publish(one, []);
    expect(one.heard).toContainEqual({ kind: 'global', tenant: 'acme', txid: 9 });
    expect(two.heard.some(({ kind }) => kind === 'global')).toBe(false);
  });

  it('brings nothing more once an audience is left, and something again once it is joined again', async () => {
    const { relay, heard, names, ...rest } = await node(newChannel());
    const one = { relay, heard, names, ...rest };
    await relay.join(of('ann'));
    relay.leave(of('ann'));
    await relay.join(of('bob'));
    await publish(one, [news('ann'), news('bob')]);
    expect(names()).not.toContain('ann');
    await relay.join(of('ann'));
    relay.leave(of('ann'));
    const back = relay.join(of('ann'));
    relay.leave(of('bob'));
    await back;
    await publish(one, [news('ann')]);
    expect(names()).toContain('ann');
  });

  it('brings what is published right after a join, however many join at once', async () => {
    const channel = newChannel();
    const [one, two] = [await node(channel), await node(channel)];
    await Promise.all(
      Array.from({ length: 3_000 }, async (_, i) => {
        await one.relay.join(of(`recipient ${i}`));
        if (i % 100 === 0) await two.relay.publish([news(`recipient ${i}`)]);
      }),
    );
    await publish(one, []);
    const expected = Array.from({ length: 30 }, (_, i) => `recipient ${i * 100}`);
    expect(
      one
        .names()
        .filter((name) => expected.includes(name))
        .sort(),
    ).toEqual(expected.sort());
  });

  it('brings a push to 10,000 recipients whole, whatever their names are', async () => {
    const one = await node(newChannel());
    const recipients = Array.from({ length: 10_000 }, (_, i) => `${i} ${'"\\é😀\n*?['.repeat(i % 5)}`);
    await Promise.all(recipients.map((recipient) => one.relay.join(of(recipient))));
    await publish(one, [news(...recipients)]);
    expect(
      one
        .names()
        .filter((name) => !name.startsWith('last'))
        .sort(),
    ).toEqual([...recipients].sort());
  });

  it('is not heard on another channel', async () => {
    const [one, other] = [await node(newChannel()), await node(newChannel())];
    await one.relay.join(of('ann'));
    await other.relay.join(of('ann'));
    await publish(one, [news('ann'), { kind: 'revocation' }]);
    const before = other.heard.length;
    await publish(other, []);
    expect(other.heard.slice(before).filter(({ kind }) => kind === 'revocation')).toEqual([]);
  });

  it('says so when its connections were lost, and brings everything again', async () => {
    const channel = newChannel();
    const [one, two] = [await node(channel), await node(channel)];
    await one.relay.join(of('ann'));
    one.onGap.mockClear();
    await engine.cutAll();
    await eventually(() => expect(one.onGap).toHaveBeenCalledOnce());
    await one.relay.join(of('bob'));
    await eventually(() => two.relay.publish([news('ann', 'bob')]));
    await eventually(() => expect(new Set(one.names())).toEqual(new Set(['ann', 'bob'])));
  });
});

describe('the relay on PostgreSQL', () => {
  beforeAll(() => postgres.start());
  afterAll(() => postgres.stop());

  it('brings signals under the longest NAMESPACE', async () => {
    const relay = postgres.relay(`${'n'.repeat(40)}_signals`, new NodeId().text);
    const onSignal = vi.fn();
    await relay.listen({ onSignal, onGap: () => undefined });
    await relay.join(of('ann'));
    await relay.publish([news('ann'), { kind: 'revocation' }]);
    await eventually(() => expect(onSignal).toHaveBeenCalledTimes(2));
    await relay.beforeApplicationShutdown();
    await relay.onApplicationShutdown();
  });

  it('wakes no node for a recipient who is nowhere, or on the node that pushed', async () => {
    const [one, two] = [postgres.relay('quiet', 'one'), postgres.relay('quiet', 'two')];
    const heard: string[] = [];
    const listen = (relay: PostgresRelay, name: string) =>
      relay.listen({ onSignal: () => heard.push(name), onGap: () => undefined });
    await listen(one, 'one');
    await listen(two, 'two');
    await one.join(of('ann'));
    await one.join(of('last'));
    await two.join(of('last'));
    await two.publish([news('ann', 'nobody')], 'one');
    await two.publish([news('last')]);
    await eventually(() => expect(heard.sort()).toEqual(['one', 'two']));
    for (const relay of [one, two]) {
      await relay.beforeApplicationShutdown();
      await relay.onApplicationShutdown();
    }
    expect(await postgres.query('SELECT FROM presences')).toEqual([]);
    expect(await postgres.query('SELECT FROM nodes')).toEqual([]);
  });
});

describe('the relay on Redis', () => {
  it('rejects a signal that could not be sent, so that its job is tried again', async () => {
    const relay = new RedisRelay(`redis://127.0.0.1:${await freePort()}`, 'nobody');
    vi.spyOn(relay['log'], 'write').mockImplementation(() => undefined);
    await expect(relay.publish([{ kind: 'revocation' }])).rejects.toThrow();
    await relay.onApplicationShutdown();
  });

  it.runIf(REDIS_SERVER.path !== null)(
    'does not need Redis at the start, nor to go on: it says once that it is away, and hears signals from when it comes',
    async () => {
      const port = await freePort();
      const relay = new RedisRelay(`redis://127.0.0.1:${port}`, 'late');
      const warn = vi.spyOn(relay['log'], 'write').mockImplementation(() => undefined);
      const listener = { onSignal: vi.fn(), onGap: vi.fn() };
      await relay.listen(listener);
      // A connection that opens now does not wait for it.
      await relay.join(of('ann'));
      // Several attempts to connect have failed.
      await eventually(() => expect(relay['subscriber']!['retryAttempts']).toBeGreaterThan(3));
      expect(warn.mock.calls.length).toBe(2);
      expect(listener.onGap).not.toHaveBeenCalled();
      for (const time of [1, 2]) {
        const redis = await startRedis(REDIS_SERVER.path!, port);
        await eventually(() => expect(listener.onGap).toHaveBeenCalledTimes(time));
        await eventually(() => relay.publish([news('ann')]));
        await eventually(() => expect(listener.onSignal).toHaveBeenCalledTimes(time));
        await redis.stop();
      }
      await relay.onApplicationShutdown();
    },
  );

  it.runIf(REDIS_SERVER.path !== null)('keeps nobody waiting who joins while Redis hangs', async () => {
    const redis = await startRedis(REDIS_SERVER.path!);
    const relay = new RedisRelay(redis.url, 'hung');
    vi.spyOn(relay['log'], 'write').mockImplementation(() => undefined);
    const onGap = vi.fn();
    await relay.listen({ onSignal: vi.fn(), onGap });
    await eventually(() => expect(onGap).toHaveBeenCalledOnce());
    redis.hang();
    await relay.join(of('ann'));
    await redis.stop();
    await relay.onApplicationShutdown();
  });
});
