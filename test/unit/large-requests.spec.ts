import type { ApolloServerPlugin, GraphQLRequestContext, GraphQLRequestListener } from '@apollo/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inSteps, largeRequests, letOthersGoFirst } from '../../src/graphql/large-requests.js';

type Listener = GraphQLRequestListener<object> | void;

const RECIPIENTS = Array.from({ length: 1_001 }, (_, i) => `recipient-${i}`);
const LARGE = { query: '{ version }', variables: { input: { recipients: RECIPIENTS } } };

describe('large requests', () => {
  let plugin: ApolloServerPlugin;
  let begun: string[];
  beforeEach(() => {
    plugin = largeRequests({ maxWaitingQueries: 2 });
    begun = [];
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const begin = async (tenant: string, name = tenant, request: object = LARGE, socket = {}): Promise<Listener> => {
    const contextValue = { caller: { tenant }, request: { socket } };
    const listener = await plugin.requestDidStart!({ request, contextValue } as never);
    begun.push(name);
    return listener;
  };
  const hook = async (listener: Promise<Listener>, name: 'didResolveOperation' | 'willSendResponse') =>
    ((await listener) as GraphQLRequestListener<object>)[name]!({} as GraphQLRequestContext<object> as never);
  const loopTurns = async () => {
    for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  it('are worked on one at a time, and tenants take turns, however many of one wait', async () => {
    const first = begin('a', 'a1');
    const second = begin('a', 'a2');
    void begin('a', 'a3');
    const other = begin('b', 'b1');
    await first;
    await loopTurns();
    expect(begun).toEqual(['a1']);
    await hook(first, 'willSendResponse');
    await second;
    await loopTurns();
    expect(begun).toEqual(['a1', 'a2']);
    await hook(second, 'willSendResponse');
    await other;
    await loopTurns();
    expect(begun).toEqual(['a1', 'a2', 'b1']);
  });

  it.each<[string, object]>([
    ['to 1,000 recipients', { query: '', variables: { input: { recipients: RECIPIENTS.slice(1) } } }],
    ['with a document of 16,384 characters', { query: ' '.repeat(16_384) }],
    ['without a document', { variables: { input: null } }],
  ])('are not waited for by a small one %s', async (_what, small) => {
    await begin('a', 'a1');
    expect(await begin('a', 'small', small)).toBeUndefined();
  });

  it.each<[string, object]>([
    ['with a list of its own', { query: '', variables: { recipients: RECIPIENTS } }],
    ['with several lists', { variables: { a: { recipients: RECIPIENTS.slice(500) }, b: RECIPIENTS.slice(500) } }],
    ['with a document of 16,385 characters', { query: ' '.repeat(16_385) }],
  ])('are those %s, too', async (_what, large) => {
    await begin('a', 'a1');
    void begin('a', 'a2', large);
    await loopTurns();
    expect(begun).toEqual(['a1']);
  });

  it('are refused with 429 when too many of the tenant wait; another tenant is not', async () => {
    const first = begin('a', 'a1');
    const waiting = [begin('a', 'a2'), begin('a', 'a3')];
    const request = { query: 'not even parsed', operationName: 'of it', variables: LARGE.variables };
    const refused = begin('a', 'a4', request);
    await expect(hook(refused, 'didResolveOperation')).rejects.toMatchObject({
      extensions: { code: 'RATE_LIMITED', http: { status: 429 } },
    });
    expect(request).toEqual({ query: '{ __typename }' });
    await loopTurns();
    expect(new Set(begun)).toEqual(new Set(['a1', 'a4']));
    const other = begin('b', 'b1');
    await hook(first, 'willSendResponse');
    await hook(waiting[0]!, 'willSendResponse');
    await hook(other, 'didResolveOperation');
    expect(begun.slice(2)).toEqual(['a2', 'b1']);
  });

  it('are not worked on when whoever sent them is gone by the time of their turn', async () => {
    const first = begin('a', 'a1');
    const socket = { destroyed: false };
    const left = begin('a', 'left', { ...LARGE }, socket);
    const next = begin('a', 'a2');
    socket.destroyed = true;
    await hook(first, 'willSendResponse');
    await expect(hook(left, 'didResolveOperation')).rejects.toThrow();
    await next;
  });

  it.each([
    ['three times as long as a step', 20, 60],
    ['0.3 s at most', 200, 300],
  ])('rest for %s while small ones come', async (_what, step, expected) => {
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    await begin('a', 'small', { query: '{ version }' });
    await letOthersGoFirst(1_001);
    now += step;
    const began = Date.now();
    await letOthersGoFirst(1_001);
    expect(Date.now() - began).toBeGreaterThanOrEqual(expected - 1);
  });

  it('do not rest when no small one has come for a second', async () => {
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    await begin('a', 'small', { query: '{ version }' });
    now += 1_001;
    let gone = false;
    void letOthersGoFirst(1_001).then(() => (gone = true));
    await loopTurns();
    expect(gone).toBe(true);
  });

  it('that hang hold nobody up for longer than two seconds, and end their turn once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const hangs = begin('a', 'a1');
    const next = begin('a', 'a2');
    void begin('a', 'a3');
    await hangs;
    vi.advanceTimersByTime(1_999);
    await loopTurns();
    expect(begun).toEqual(['a1']);
    vi.advanceTimersByTime(1);
    await next;
    await hook(hangs, 'willSendResponse');
    await loopTurns();
    expect(begun).toEqual(['a1', 'a2']);
  });
});

describe('a long list of an answer', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is completed in steps of a thousand, and others go before each', async () => {
    // Long after any small request.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1e6);
    const items = Array.from({ length: 2_500 }, (_, i) => i);
    const turns: number[] = [];
    let turn = 0;
    const timer = setImmediate(function next() {
      turn += 1;
      if (turn < 10) setImmediate(next);
    });
    const completed = await Promise.all(
      inSteps(items).map(async (item) => {
        const value = await item;
        turns.push(turn);
        return value;
      }),
    );
    clearImmediate(timer);
    expect(completed).toEqual(items);
    expect(new Set(turns).size).toBe(3);
    expect([turns[0], turns[999], turns[1_000], turns[1_999], turns[2_000]]).toEqual(
      [0, 0, 1, 1, 2].map((later) => turns[0]! + later),
    );
  });

  it('is given as it is when it is short', () => {
    const items = Array.from({ length: 1_000 }, (_, i) => i);
    expect(inSteps(items)).toBe(items);
  });
});
