import { expect, it } from 'vitest';
import type { InboxItem } from '../../src/delivery/inbox.js';
import type { Connection } from '../../src/gateway/connection.js';
import { StandardFrames } from '../../src/gateway/frame-encoder.js';
import { Sender } from '../../src/gateway/sender.js';
import { Metrics } from '../../src/metrics/metrics.js';

const item: InboxItem = {
  ...{ seq: 1, id: 'a', topic: null, text: 'to all', expiresAt: null, createdAt: 1_000, txid: 1, global: true },
};
const connection = (live: boolean, wantsBacklog: boolean) =>
  ({ live, wantsBacklog, recipient: 'ann', format: 'text', takes: () => true }) as unknown as Connection;

it('the sender times what a connection waits for: all but its backlog, also while the connection is looked after', () => {
  const metrics = new Metrics();
  const settings = { publicUrl: null } as never;
  const unused = null as never;
  const sender = new Sender(
    settings,
    { now: () => 3_000 } as never,
    new StandardFrames(settings),
    metrics,
    unused,
    unused,
  );
  sender.pack(connection(false, true), [item]);
  expect(metrics.pushToFrame.sum).toBe(0);
  sender.pack(connection(true, false), [item]);
  sender.pack(connection(true, true), [item]);
  expect(metrics.pushToFrame.sum).toBe(4);
  expect(metrics.pushToFrame.counts.reduce((sum, count) => sum + count)).toBe(2);
});
