import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type ConnectionRecord,
  emptyHistory,
  type History,
  type Look,
  type Moment,
  type Push,
} from '../delivery/model/history.js';
import { brokenPromises, PROMISES } from '../delivery/model/promises.js';
import type { MessageFields } from '../support/service.js';

const at = (tick: number): Moment => ({ tick, from: tick * 1_000, to: tick * 1_000 });
const iso = (tick: number) => new Date(tick * 1_000).toISOString();

function push(name: string, tick: number, more: Partial<Push> = {}): Push {
  return {
    ...{ name, id: `id of ${name}`, text: name, recipient: 'anna', topic: null, expiresAt: null },
    ...{ begun: at(tick), answered: at(tick), createdAt: tick * 1_000, ...more },
  };
}

/** A connection of Anna, and the messages that it got and proved a second after it opened. */
function connection(tick: number, proven: readonly string[], more: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return {
    ...{ name: `anna at ${tick}`, recipient: 'anna', topic: null, begun: at(tick), opened: at(tick), closed: null },
    ...{ expired: false, stalled: false, faltered: false, silent: false, fences: [] },
    frames: proven.map((text) => ({ text, moment: at(tick + 1) })),
    pongs: [{ moment: at(tick + 1), frames: proven.length }],
    ...more,
  };
}

function row({ id, text, topic, createdAt, expiresAt }: Push, more: Partial<MessageFields> = {}): MessageFields {
  return {
    ...{ id, recipient: 'anna', message: text, topic, status: 'PENDING', createdAt: new Date(createdAt).toISOString() },
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    ...{ deliveredAt: null, cancelledAt: null, globalMessageId: null, ...more },
  };
}

const delivered = (tick: number) => ({ status: 'DELIVERED', deliveredAt: iso(tick) }) as const;
const look = (tick: number, messages: MessageFields[], report: MessageFields[] = []): Look => ({
  ...{ begun: at(tick), done: at(tick), messages, reach: new Map([['id of global', report]]) },
});

const one = push('one', 1);
const two = push('two', 2);
const expiring = push('expiring', 1, { expiresAt: 9_000 });
const global = push('global', 1, { recipient: null });
const late = push('late', 1, { expiresAt: 2_000 });
const reached = row(global, { ...delivered(4), id: 'id of a row', globalMessageId: global.id });
const cancelled = row(late, { status: 'CANCELLED', cancelledAt: iso(2) });

/** Everything as it should be. */
const pushes = [one, two, expiring, global, late];
const connections = [connection(3, ['one', 'expiring', 'two', 'global'])];
const rows = [row(one, delivered(4)), row(two, delivered(4)), row(expiring, delivered(4)), cancelled];
const looks = [look(5, rows, [reached])];
const good: History = { ...emptyHistory(), pushes, connections, looks };

/** The good rows, one of them replaced. */
const shown = (changed: MessageFields) => rows.map((row) => (row.id === changed.id ? changed : row));

const BROKEN: [promise: string, by: string, Partial<History>][] = [
  ['Nothing acknowledged is lost', 'a row is gone', { looks: [look(5, rows.slice(1), [reached])] }],
  ['Nothing acknowledged is lost', 'it is PENDING at the end', { looks: [look(5, shown(row(one)), [reached])] }],
  ['Nothing is stuck', 'something is missing', { rests: [{ moment: at(6), missing: ['anna has not got it'] }] }],
  ['Nothing is invented', 'a frame of no push', { connections: [...connections, connection(6, ['what?'])] }],
  ['Nothing is invented', 'a row of no push', { looks: [look(5, [...rows, row(push('what?', 1))], [reached])] }],
  [
    'Nothing is invented',
    'another topic',
    { pushes: [...pushes, push('News', 1, { topic: 'News' })], connections: [...connections, connection(3, ['News'])] },
  ],
  ['A connection gets a message once', 'twice', { connections: [...connections, connection(3, ['one', 'one'])] }],
  ['Messages whose pushes', 'the wrong order', { connections: [...connections, connection(3, ['two', 'one'])] }],
  [
    'DELIVERED means that',
    'a pong of a ping before the message',
    { connections: [connection(3, ['one', 'two', 'expiring', 'global'], { pongs: [{ moment: at(4), frames: 0 }] })] },
  ],
  [
    'DELIVERED means that',
    'a proof after the look',
    { connections: [connection(5, ['one', 'two', 'expiring', 'global'])] },
  ],
  ['deliveredAt is', 'a time before the proof', { looks: [look(5, shown(row(one, delivered(3))), [reached])] }],
  ['deliveredAt is', 'a time after the expiry', { looks: [look(50, shown(row(expiring, delivered(10))), [reached])] }],
  ['A message that its recipient', 'sent once more', { connections: [...connections, connection(6, ['one'])] }],
  ['Nothing is sent after', 'the connection came too late', { connections: [...connections, connection(4, ['late'])] }],
  [
    'Nothing is sent after',
    'the clock had been seen',
    {
      connections: [
        ...connections,
        connection(1, ['one', 'late'], { fences: [{ sent: at(3), came: at(4), frames: 1 }] }),
      ],
    },
  ],
  ['A message that expires', 'PENDING after it', { looks: [look(5, shown(row(late)), [reached])] }],
  [
    'A message that expires',
    'cancelled at another time',
    { looks: [look(5, shown({ ...cancelled, cancelledAt: iso(3) }), [reached])] },
  ],
  ['A status changes once', 'PENDING again', { looks: [...looks, look(6, shown(row(one)), [reached])] }],
  ['A status changes once', 'another time', { looks: [...looks, look(6, shown(row(one, delivered(5))), [reached])] }],
  ['The reach report', 'a recipient twice', { looks: [look(5, rows, [reached, { ...reached, id: 'another' }])] }],
  ['The reach report', 'what is not proven', { looks: [look(5, rows, [{ ...reached, status: 'PENDING' }])] }],
  ['A global message goes to nobody', 'after a minute', { connections: [...connections, connection(61, ['global'])] }],
  ['A token opens', 'an expired one', { connections: [...connections, connection(6, [], { expired: true })] }],
  [
    'A token opens',
    'a good client was cut off',
    { connections: [...connections, connection(6, [], { closed: { moment: at(7), by: 'server', code: 1_006 } })] },
  ],
  ['Another tenant', 'a frame', { leaks: ['one'] }],
];

describe('the promises of delivery', () => {
  it('are kept by a history in which everything is as it should be', () => {
    expect(brokenPromises(good)).toEqual([]);
  });

  it.each(BROKEN)('say so when one is broken: "%s ..." by %s', (promise, _, change) => {
    const broken = brokenPromises({ ...good, ...change }).map(({ name }) => name);
    expect(broken).toContainEqual(expect.stringContaining(promise));
  });

  it('are all broken by some history here', () => {
    for (const { name } of PROMISES) expect(BROKEN.some(([promise]) => name.startsWith(promise))).toBe(true);
  });

  it('stand in the documentation, and so do the mistakes that must be caught', () => {
    const page = readFileSync('docs/delivery-model.md', 'utf8');
    const mutants = [...readFileSync('scripts/mutants.mjs', 'utf8').matchAll(/^ {4}name: '(.*)',$/gm)];
    expect(mutants.length).toBeGreaterThan(0);
    for (const name of [...PROMISES.map(({ name }) => name), ...mutants.map(([, name]) => `| ${name} `)])
      expect(page).toContain(name);
  });
});
