import { describe, expect, it, vi } from 'vitest';
import type { InboxPage, NewsRequest } from '../../src/delivery/inbox.js';
import { Snapshot } from '../../src/delivery/snapshot.js';
import type { Connection } from '../../src/gateway/connection.js';
import { Drainer } from '../../src/gateway/drainer.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { PATIENCE } from '../support/eventually.js';

const snapshot = Snapshot.parse('10:10:');

/** A connection that has read its backlog and takes whatever it is given. */
function live(recipient: string): Connection {
  return {
    ...{ tenant: 'acme', recipient, topic: null, open: true, live: true, given: snapshot, givenGlobals: snapshot },
    ...{ opened: null, reading: null, wantsBacklog: false, wantsGlobals: false, missedGlobals: false },
    ...{ busy: false, woken: false, whenReady: (callback: () => void) => callback() },
  } as unknown as Connection;
}

describe('the drainer', () => {
  it('looks after a connection once in a while, however often it is asked, while the database refuses', async () => {
    vi.useFakeTimers();
    let looks = 0;
    const look = async (requests: readonly unknown[]) => {
      looks += requests.length;
      // It refuses after half a second.
      await new Promise((resolve) => setTimeout(resolve, 500));
      throw new Error('refused');
    };
    const drainer = new Drainer({ look } as never, {} as never, {} as never, {} as never, new Metrics());
    const connection = live('ann');
    for (let i = 0; i < 20; i += 1) {
      drainer.lookAfter(connection);
      await vi.advanceTimersByTimeAsync(1_100);
    }
    const before = looks;
    await vi.advanceTimersByTimeAsync(15_000);
    vi.useRealTimers();
    expect(looks - before).toBeLessThanOrEqual(11);
  });

  it('reads next for those whom a statement did not come to', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `r${i}`);
    const statements: string[][] = [];
    const left = new Map(names.map((name) => [name, 3]));
    // As the statement does: it serves the first two of its requests, a page each, and does not come to the others.
    const news = async (requests: readonly NewsRequest[]): Promise<InboxPage[]> => {
      statements.push(requests.map(({ recipient }) => recipient));
      return requests.map(({ recipient, after }, i) => {
        if (i >= 2) return { items: [], snapshot, more: true };
        left.set(recipient, left.get(recipient)! - 1);
        return { items: [{ seq: after + 1 } as never], snapshot, more: left.get(recipient)! > 0 };
      });
    };
    const drainer = new Drainer(
      { news } as never,
      {} as never,
      {} as never,
      { send: () => undefined } as never,
      new Metrics(),
    );
    for (const name of names) drainer.wake(live(name));
    await vi.waitFor(() => expect([...left.values()]).toEqual([0, 0, 0, 0, 0, 0]), { timeout: PATIENCE });
    const served = statements.flatMap((requests) => requests.slice(0, 2));
    expect(new Set(served.slice(0, 6))).toEqual(new Set(names));
  });
});
