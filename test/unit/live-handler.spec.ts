import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HandledEvent } from '../../src/events/handled-events.js';
import { LiveHandler } from '../../src/handlers/live-handler.js';
import { Log } from '../../src/log/log.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { eventually } from '../support/eventually.js';
import { messagesPushed } from '../support/transactions.js';

const event = (messages = 1): HandledEvent =>
  messagesPushed(
    1,
    [],
    'acme',
    Array.from({ length: messages }, () => 'id'),
  );

describe('a live handler', () => {
  const metrics = new Metrics();
  const counted = (outcome: string) => metrics.handlerCalls.of({ handler: 'Test.handle', outcome }).value;
  let before: Record<string, number>;
  const since = (outcome: string) => counted(outcome) - (before[outcome] ?? 0);
  const lines = () => vi.mocked(Log.prototype.write).mock.calls.map(([event]) => event);

  beforeEach(() => {
    before = Object.fromEntries(['done', 'failed', 'dropped'].map((outcome) => [outcome, counted(outcome)]));
    vi.spyOn(Log.prototype, 'write').mockImplementation(() => undefined);
  });
  afterEach(() => vi.restoreAllMocks());

  const handler = (handle: (event: HandledEvent) => unknown) => new LiveHandler('Test.handle', handle, metrics);

  it('is not called by who tells of something, but soon', async () => {
    const called: HandledEvent[] = [];
    const told = event();
    handler((one) => called.push(one)).take(told);
    expect(called).toEqual([]);
    await eventually(() => expect(called).toEqual([told]));
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws what is no error',
      () => {
        throw undefined;
      },
    ],
  ])('that %s is called again, is counted, and fills no log', async (_, handle) => {
    const live = handler(handle);
    for (let i = 0; i < 1_000; i += 1) live.take(event());
    await eventually(() => expect(since('failed')).toBe(1_000));
    expect(lines()).toEqual(['handler.failed']);
  });

  it('that hangs is called a hundred times, keeps ten thousand events and drops the others', async () => {
    let calls = 0;
    const live = handler(() => {
      calls += 1;
      return new Promise(() => undefined);
    });
    for (let i = 0; i < 50; i += 1) live.take(event());
    await eventually(() => expect(calls).toBe(50));
    for (let i = 0; i < 20_000; i += 1) live.take(event());
    await eventually(() => expect(calls).toBe(100));
    for (let i = 0; i < 20_000; i += 1) live.take(event());
    expect(live['waiting']).toHaveLength(10_000);
    expect(since('dropped')).toBe(40_000 - 50 - 10_000);
    expect(lines()).toEqual(['handler.overrun']);
    expect(calls).toBe(100);
  });

  it('keeps fewer events of many messages', async () => {
    const live = handler(() => undefined);
    for (let i = 0; i < 20; i += 1) live.take(event(5_000));
    expect(live['waiting']).toHaveLength(2);
    await eventually(() => expect(since('done')).toBe(2));
  });

  it('that was overrun hears of what comes when it is free again', async () => {
    let free = (): void => undefined;
    const gate = new Promise<void>((resolve) => (free = resolve));
    const live = handler(() => gate);
    for (let i = 0; i < 20_000; i += 1) live.take(event());
    free();
    await eventually(() => expect(since('done')).toBe(10_000));
    live.take(event());
    await eventually(() => expect(since('done')).toBe(10_001));
  });

  it('lets other things happen in between, however many events it has to handle', async () => {
    const handled: HandledEvent[] = [];
    const live = handler((one) => handled.push(one));
    for (let i = 0; i < 10_000; i += 1) live.take(event());
    let turns = 0;
    for (; handled.length < 10_000 && turns < 1_000; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(handled).toHaveLength(10_000);
    expect(turns).toBeGreaterThanOrEqual(50);
  });
});
