import { Controller, Injectable, Module, Scope } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { HandledEvent } from '../../src/events/handled-events.js';
import { MessageDelivered } from '../../src/events/message-delivered.event.js';
import { MessagesPushed } from '../../src/events/messages-pushed.event.js';
import { HandlerExplorer } from '../../src/handlers/handler-explorer.js';
import type { Handlers } from '../../src/handlers/handlers.js';
import { type DurableOptions, type Handling, OnDomainEvent } from '../../src/handlers/on-domain-event.decorator.js';

@Injectable()
class Receipts {
  readonly got: unknown[] = [];
  @OnDomainEvent(MessageDelivered)
  @OnDomainEvent(MessagesPushed, { durable: 'receipts', attempts: 3 })
  store(event: HandledEvent) {
    this.got.push(event);
  }
  other() {}
}
class MoreReceipts extends Receipts {}
@Controller()
class ReceiptsController extends Receipts {}

interface Found {
  readonly name: string;
  readonly handling: Handling;
  readonly handle: (event: HandledEvent) => unknown;
}

describe('the explorer of handlers', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** What it finds in a container, looked at so many times. */
  async function explore(metadata: Parameters<typeof Module>[0], times = 1) {
    @Module({ ...metadata, imports: [DiscoveryModule, ...(metadata.imports ?? [])] })
    class Root {}
    const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
    closing.push(() => app.close());
    const found: Found[] = [];
    const add = (name: string, handling: Handling, handle: Found['handle']) => found.push({ name, handling, handle });
    const explorer = new HandlerExplorer(app.get(DiscoveryService), { add } as unknown as Handlers);
    for (let i = 0; i < times; i += 1) explorer.onModuleInit();
    return { app, found };
  }

  it('finds each marked method of a provider, for each class of events, with the options and their defaults', async () => {
    const { app, found } = await explore({ providers: [Receipts] });
    expect(found.map(({ name, handling }) => ({ name, ...handling }))).toEqual([
      {
        ...{ name: 'Receipts.store', eventClass: MessagesPushed },
        durable: { durable: 'receipts', delay: 0, attempts: 3, concurrency: 10, timeout: 30_000 },
      },
      { name: 'Receipts.store', eventClass: MessageDelivered, durable: null },
    ]);
    found[0]!.handle('an event' as never);
    expect(app.get(Receipts).got).toEqual(['an event']);
  });

  it.each<[string, Parameters<typeof Module>[0]]>([
    ['a value', { providers: [{ provide: 'x', useValue: new Receipts() }] }],
    ['what a factory makes', { providers: [{ provide: 'x', useFactory: () => new Receipts() }] }],
    ['what it inherits', { providers: [MoreReceipts] }],
    ['a controller', { controllers: [ReceiptsController] }],
    ['one with another name', { providers: [Receipts, { provide: 'x', useExisting: Receipts }] }],
  ])('finds them once, in %s, however often it looks', async (_, metadata) => {
    const { found } = await explore(metadata, 2);
    expect(found).toHaveLength(2);
  });

  it.each([Scope.REQUEST, Scope.TRANSIENT])('refuses a provider that is no singleton: %s', async (scope) => {
    await expect(explore({ providers: [{ provide: Receipts, useClass: Receipts, scope }] })).rejects.toThrow(
      "Receipts.store can't handle events: its provider must be a singleton.",
    );
  });

  it('passes over what is no object, and what throws when it is looked at', async () => {
    class Trap {
      get boom(): never {
        throw new Error('boom');
      }
    }
    const values = ['text', 5, null, Object.create(null), {}, new Trap()];
    const { found } = await explore({
      providers: values.map((useValue, i) => ({ provide: `v${i}`, useValue: useValue as object })),
    });
    expect(found).toEqual([]);
  });
});

describe('@OnDomainEvent', () => {
  it.each<[DurableOptions, RegExp]>([
    [{ durable: '' }, /can't be called ""/],
    [{ durable: 'a:b' }, /can't be called "a:b"/],
    [{ durable: 'x'.repeat(65) }, /64 at most/],
    [{ durable: 'a', attempts: 0 }, /The attempts of the durable handler a must be a whole number from 1 to 20/],
    [{ durable: 'a', attempts: 21 }, /attempts/],
    [{ durable: 'a', concurrency: 1.5 }, /concurrency/],
    [{ durable: 'a', timeout: NaN }, /timeout/],
    [{ durable: 'a', timeout: 2 ** 31 }, /timeout/],
    [{ durable: 'a', delay: -1 }, /The delay of the durable handler a must be a whole number from 0 to/],
  ])('refuses %j', (options, sentence) => {
    expect(() => OnDomainEvent(MessageDelivered, options)).toThrow(sentence);
  });

  it('refuses a class that is none of domain events, such as one that is not there yet', () => {
    expect(() => OnDomainEvent(undefined as never)).toThrow('@OnDomainEvent needs a class of domain events.');
  });
});
