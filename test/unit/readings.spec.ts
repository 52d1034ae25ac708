import type { GraphQLError } from 'graphql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Settings } from '../../src/config/config.module.js';
import { Readings } from '../../src/paging/readings.js';

const settings = { databasePoolSize: 8, maxWaitingQueries: 3 } as Settings;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Readings that end when they are told to, and in which order they began. */
function play() {
  const readings = new Readings(settings);
  const began: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const read = (tenant: string, name = tenant) =>
    readings.run(tenant, () => {
      began.push(name);
      return new Promise<string>((resolve, reject) =>
        ends.set(name, (error) => (error ? reject(error) : resolve(name))),
      );
    });
  const end = async (name: string, error?: Error) => {
    ends.get(name)!(error);
    await turn();
  };
  return { read, began, end };
}

describe('the readings of pages', () => {
  afterEach(() => vi.useRealTimers());

  it('take a quarter of the connections at most, and one for each tenant', async () => {
    const { read, began, end } = play();
    const first = read('a', 'a1');
    for (const [tenant, name] of [
      ['a', 'a2'],
      ['b', 'b1'],
      ['c', 'c1'],
    ] as const)
      void read(tenant, name);
    await turn();
    expect(began).toEqual(['a1', 'b1']);
    await end('a1');
    expect(await first).toBe('a1');
    expect(began).toEqual(['a1', 'b1', 'a2']);
    await end('b1');
    expect(began).toEqual(['a1', 'b1', 'a2', 'c1']);
  });

  it('let tenants take turns, however many of one wait', async () => {
    const { read, began, end } = play();
    void read('x', 'x1');
    for (const name of ['a1', 'a2', 'a3', 'a4']) void read('a', name);
    void read('b', 'b1');
    await turn();
    await end('x1');
    await end('a1');
    await end('b1');
    expect(began).toEqual(['x1', 'a1', 'b1', 'a2']);
  });

  it('are refused when too many of the tenant wait, and begin again when it has fewer', async () => {
    const { read, end, began } = play();
    const waiting = ['a1', 'a2', 'a3', 'a4'].map((name) => read('a', name));
    await expect(read('a', 'a5')).rejects.toMatchObject({ extensions: { code: 'RATE_LIMITED' } });
    await turn();
    await end('a1');
    void read('a', 'a6');
    for (const name of ['a2', 'a3', 'a4', 'a6']) await end(name);
    expect(await Promise.all(waiting)).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(began.at(-1)).toBe('a6');
  });

  it('go on behind one that fails; one that took too long is told so', async () => {
    const { read, end, began } = play();
    const failed = read('a', 'a1').catch((error: Error) => error.message);
    const slow = read('a', 'a2').catch(({ extensions }: GraphQLError) => extensions);
    void read('a', 'a3');
    await turn();
    await end('a1', new Error('gone'));
    await end('a2', Object.assign(new Error('canceling statement'), { code: '57014' }));
    expect(await failed).toBe('gone');
    expect(await slow).toEqual({ code: 'BAD_USER_INPUT', field: 'filter' });
    expect(began).toEqual(['a1', 'a2', 'a3']);
  });

  it('that waited too long are sent away when their turn comes, and those behind them begin', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { read, began, end } = play();
    void read('a', 'a1');
    void read('x', 'x1');
    const late = ['a2', 'a3'].map((name) => read('a', name));
    const lateElsewhere = read('b', 'b1');
    const checks = Promise.all(
      [...late, lateElsewhere].map((one) => expect(one).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE' } })),
    );
    await turn();
    vi.advanceTimersByTime(30_000);
    void read('a', 'a4');
    await turn();
    await end('a1');
    expect(began).toEqual(['a1', 'x1', 'a4']);
    await end('x1');
    await checks;
    await end('a4');
    void read('b', 'b2');
    await turn();
    expect(began.at(-1)).toBe('b2');
  });
});
