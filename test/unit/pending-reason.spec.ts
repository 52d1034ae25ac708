import { describe, expect, it } from 'vitest';
import { pendingReason } from '../../src/admin/pending-reason.js';
import type { FoundConnection, LookupAnswer } from '../../src/lookups/lookup-answer.js';

const connection: FoundConnection = { since: null, topic: null, live: true, buffered: 0, unproven: 0, sent: [] };
const answer = (more: Partial<LookupAnswer> = {}): LookupAnswer => ({
  connections: [],
  count: 0,
  proven: [],
  cutOff: null,
  ...more,
});
const cut = { at: '2026-01-01T00:00:00.000Z', because: 'slow_consumer', topic: null } as const;
const message = { seq: 7, topic: null };
const onTopic = { seq: 7, topic: 'news' };

describe('a message is PENDING', () => {
  it.each([
    ['since nobody is connected', message, [answer()], 'not-connected'],
    ['since its connections have other topics', onTopic, [answer({ connections: [connection] })], 'other-topic'],
    ['since its pong has not come', message, [answer({ connections: [{ ...connection, sent: [7] }] })], 'sent'],
    ['since its record has not', message, [answer({ proven: [7] }), answer()], 'proven'],
    ['since its turn has not come', message, [answer({ connections: [{ ...connection, live: false }] })], 'backlog'],
    ['since others have no pong', message, [answer({ connections: [{ ...connection, unproven: 3 }] })], 'window'],
    ['for a moment', message, [answer({ connections: [connection] })], 'soon'],
    ['since it was cut off', message, [answer({ cutOff: cut }), answer()], 'cut-off'],
    [
      'since it was cut off for that topic',
      onTopic,
      [answer({ connections: [connection], cutOff: { ...cut, topic: 'news' } })],
      'cut-off',
    ],
    ['whatever became of another topic', onTopic, [answer({ cutOff: cut })], 'not-connected'],
    [
      'since it answered no ping, last of all',
      message,
      [answer({ cutOff: { ...cut, at: '2026-01-02T00:00:00.000Z', because: 'no_pong' } }), answer({ cutOff: cut })],
      'no-pong',
    ],
    [
      'though it was cut off before, since its pong has not come',
      message,
      [answer({ connections: [{ ...connection, sent: [7] }], cutOff: cut })],
      'sent',
    ],
  ] as const)('%s', (_why, of, answers, reason) => {
    expect(pendingReason(of, answers, 0)).toBe(reason);
  });

  it('for a reason that is not known while a node does not answer, unless another knows', () => {
    expect(pendingReason(message, [answer()], 1)).toBe('not-known');
    expect(pendingReason(message, [answer({ cutOff: cut })], 1)).toBe('not-known');
    expect(pendingReason(message, [answer({ connections: [connection] })], 1)).toBe('not-known');
    expect(pendingReason(message, [answer({ connections: [{ ...connection, sent: [7] }] })], 1)).toBe('sent');
  });
});
