import { describe, expect, it } from 'vitest';
import {
  check,
  type Evidence,
  type Fault,
  LATE_TOLERANCE,
  type ListedMessage,
  type PushEntry,
  type RecipientEntry,
} from '../../crash/checker.mjs';

const SETTLED = { from: 100_000, to: 130_000 };
const EXPIRY = 20_000;

let moment = 0;
const tick = () => (moment += 1);

function push(key: string, more: Partial<PushEntry> = {}): PushEntry {
  const recipients = more.recipients === undefined ? ['ann'] : more.recipients;
  const ids = Object.fromEntries((recipients ?? ['global']).map((name) => [name, `${key}-${name}`]));
  return { at: 5_000, key, topic: null, expiresAt: null, sent: tick(), answered: tick(), ids, ...more, recipients };
}

function listed(key: string, more: Partial<ListedMessage> = {}): ListedMessage {
  return {
    id: `${key}-ann`,
    recipient: 'ann',
    message: `${key} xxx`,
    topic: null,
    status: 'DELIVERED',
    expiresAt: null,
    deliveredAt: new Date(6_100).toISOString(),
    cancelledAt: null,
    globalMessageId: null,
    ...more,
  };
}

/** A prompt connection of ann, or of whoever is named, that stays open to the end. */
function connection(
  id: number,
  { recipient = 'ann', topic = null, device = id, node = 0, prompt = true }: Partial<Omit<Opening, 'kind' | 'at'>> = {},
): RecipientEntry {
  return { at: 1_000, kind: 'open', connection: id, device, recipient, topic, node, prompt };
}
type Opening = Extract<RecipientEntry, { kind: 'open' }>;

const frame = (id: number, key: string, at = 6_000): RecipientEntry => ({ at, kind: 'frame', connection: id, key });
const pong = (id: number, at = 6_050): RecipientEntry => ({ at, kind: 'pong', connection: id });
const close = (id: number, at = 7_000): RecipientEntry => ({ at, kind: 'close', connection: id });
const seen = (id: number, ...keys: string[]): RecipientEntry[] => [...keys.map((key) => frame(id, key)), pong(id)];

function verdict(evidence: Partial<Evidence>) {
  return check({
    pushes: [],
    recipients: [],
    messages: [],
    globalIds: [],
    deliveries: [],
    doubledGlobals: [],
    audit: [],
    samples: [],
    pauses: [],
    settled: SETTLED,
    listed: SETTLED.to,
    ...evidence,
  });
}

/** How many faults of each kind were found; kinds without any are left out. */
function found(evidence: Partial<Evidence>): Partial<Record<Fault, number>> {
  const counts = Object.entries(verdict(evidence).faults).map(([fault, list]) => [fault, list.length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe('the checker of a crash run', () => {
  it('finds nothing when all is well', () => {
    const evidence = {
      pushes: [
        push('a'),
        push('b', { recipients: ['ann', 'ben'] }),
        push('elsewhere', { topic: 'other' }),
        push('brief', { expiresAt: EXPIRY }),
        push('unknown', { answered: null, ids: null }),
        push('all', { recipients: null, at: SETTLED.from - 1_000 }),
      ],
      recipients: [
        connection(1),
        connection(2, { recipient: 'ben' }),
        ...seen(1, 'a', 'b', 'all', 'unknown'),
        ...seen(2, 'b', 'all'),
      ],
      messages: [
        listed('a'),
        listed('b'),
        listed('b', { id: 'b-ben', recipient: 'ben' }),
        listed('elsewhere', { topic: 'other', status: 'PENDING', deliveredAt: null }),
        listed('brief', {
          status: 'CANCELLED',
          deliveredAt: null,
          expiresAt: new Date(EXPIRY).toISOString(),
          cancelledAt: new Date(EXPIRY).toISOString(),
        }),
      ],
      globalIds: ['all-global'],
      deliveries: [listed('all', { id: 'd1', globalMessageId: 'all-global' })],
      audit: [{ id: 'a-ann', old: 'PENDING', new: 'DELIVERED' }],
      samples: [{ statuses: { 'a-ann': 'PENDING' } }, { statuses: { 'a-ann': 'DELIVERED' } }],
    };
    expect(found(evidence)).toEqual({});
    expect(verdict(evidence)).toMatchObject({ repeats: 0, excused: 0, acknowledged: 6, seen: 6 });
  });

  describe('finds as lost what was acknowledged and', () => {
    it('is not stored', () => {
      expect(found({ pushes: [push('a')], recipients: [connection(1), ...seen(1, 'a')] })).toEqual({ lost: 1 });
    });

    it('was never seen by a recipient who was there at the end', () => {
      const message = listed('a', { status: 'DELIVERED' });
      expect(found({ pushes: [push('a')], recipients: [connection(1)], messages: [message] })).toEqual({
        lost: 1,
        lied: 1,
      });
    });

    it('is global and reached only some, or is not stored', () => {
      const recipients = [connection(1), connection(2, { recipient: 'ben' }), ...seen(1, 'all')];
      const far = push('all', { recipients: null, expiresAt: 999_999 });
      expect(found({ pushes: [far], recipients, globalIds: ['all-global'] })).toEqual({ lost: 1 });
      expect(found({ pushes: [far], recipients })).toEqual({ lost: 1 });
    });

    it('but not what nobody is owed: with another topic, for somebody who is away, or not acknowledged', () => {
      const pushes = [push('a', { topic: 'other' }), push('b', { recipients: ['ben'] }), push('c', { ids: null })];
      const messages = [
        listed('a', { topic: 'other', status: 'PENDING', deliveredAt: null }),
        listed('b', { id: 'b-ben', recipient: 'ben', status: 'PENDING', deliveredAt: null }),
      ];
      const recipients = [connection(1), connection(2, { recipient: 'ben' }), close(2, SETTLED.to - 1)];
      expect(found({ pushes, messages, recipients })).toEqual({});
    });
  });

  describe('finds as a lie', () => {
    it('what is DELIVERED without a pong behind it', () => {
      const recipients = [connection(1), pong(1, 5_900), frame(1, 'a'), connection(2), pong(2)];
      expect(found({ pushes: [push('a')], recipients, messages: [listed('a')] })).toEqual({ lied: 1 });
    });

    it('what was seen by somebody else alone', () => {
      const recipients = [connection(2, { recipient: 'ben' }), ...seen(2, 'a')];
      const pushes = [push('a', { recipients: ['ann', 'ben'] })];
      const messages = [listed('a'), listed('a', { id: 'a-ben', recipient: 'ben' })];
      expect(found({ pushes, recipients, messages })).toEqual({ lied: 1 });
    });

    it.each([
      ['before its proof', { deliveredAt: new Date(5_000).toISOString() }],
      ['after its expiry', { expiresAt: new Date(6_080).toISOString() }],
    ])('what is DELIVERED from %s', (_, more) => {
      const recipients = [connection(1), ...seen(1, 'a')];
      expect(found({ pushes: [push('a')], recipients, messages: [listed('a', more)] })).toEqual({ lied: 1 });
    });

    it.each([
      ['without an expiry', { cancelledAt: new Date(EXPIRY).toISOString() }],
      ['at another time', { expiresAt: new Date(EXPIRY).toISOString(), cancelledAt: new Date(6_000).toISOString() }],
    ])('what is CANCELLED %s', (_, more) => {
      const messages = [listed('a', { status: 'CANCELLED', deliveredAt: null, ...more })];
      expect(found({ pushes: [push('a', { expiresAt: EXPIRY })], messages })).toEqual({ lied: 1 });
    });

    it('what was seen though it was not pushed to him, or not to his topic, or by nobody', () => {
      const pushes = [push('a', { recipients: ['ben'], ids: null }), push('b', { topic: 'other', ids: null })];
      expect(found({ pushes, recipients: [connection(1), ...seen(1, 'a', 'b', 'c')] })).toEqual({ lied: 3 });
    });
  });

  describe('finds as late', () => {
    const brief = (key = 'a') => push(key, { expiresAt: EXPIRY, ids: null });
    const at = EXPIRY + LATE_TOLERANCE;

    it('what a prompt connection sees after the expiry', () => {
      expect(found({ pushes: [brief()], recipients: [connection(1), frame(1, 'a', at + 1)] })).toEqual({ late: 1 });
      expect(found({ pushes: [brief()], recipients: [connection(1), frame(1, 'a', at)] })).toEqual({});
    });

    it('but not what a stalling one sees, nor what came while the machine let nobody read', () => {
      const stalling = connection(1, { prompt: false });
      expect(found({ pushes: [brief()], recipients: [stalling, frame(1, 'a', at + 1)] })).toEqual({});
      const stall: RecipientEntry = { at: EXPIRY + 500, kind: 'stall', from: EXPIRY - 100, to: EXPIRY + 500 };
      expect(found({ pushes: [brief()], recipients: [connection(1), stall, frame(1, 'a', at + 500)] })).toEqual({});
      expect(found({ pushes: [brief()], recipients: [connection(1), stall, frame(1, 'a', at + 501)] })).toEqual({
        late: 1,
      });
    });

    it('but not what a pause of the service holds back between looking at the clock and writing', () => {
      const pauses = [{ node: 0, from: EXPIRY - 10, to: EXPIRY + 5_000 }];
      const after = EXPIRY + 5_000;
      const recipients = [connection(1), connection(2, { recipient: 'ben' })];
      const one = { pushes: [brief()], recipients: [...recipients, frame(1, 'a', after)], pauses };
      expect(verdict(one)).toMatchObject({ excused: 1, faults: { late: [] } });
      const everything = [brief(), push('b', { recipients: ['ben'], expiresAt: EXPIRY, ids: null })];
      const frames = [frame(1, 'a', after), frame(2, 'b', after)];
      expect(found({ pushes: everything, recipients: [...recipients, ...frames], pauses })).toEqual({ late: 2 });
      // Another node could have looked at the clock again.
      expect(found({ ...one, pauses: pauses.map((pause) => ({ ...pause, node: 1 })) })).toEqual({ late: 1 });
    });
  });

  describe('finds as out of order', () => {
    const stored = (...keys: string[]) => keys.map((key) => listed(key));

    it('what comes behind one that was sent after its answer', () => {
      const pushes = [push('a'), push('b'), push('c')];
      // Another device has them in order: each connection counts by itself.
      const recipients = [connection(1), connection(2), ...seen(1, 'b', 'a', 'c'), ...seen(2, 'a', 'b', 'c')];
      expect(found({ pushes, recipients, messages: stored('a', 'b', 'c') })).toEqual({ outOfOrder: 1 });
    });

    it('the same of global messages, which are a stream of their own', () => {
      const pushes = [push('a', { recipients: null }), push('b', { recipients: null }), push('c')];
      const common = { pushes, globalIds: ['a-global', 'b-global'], messages: stored('c') };
      expect(found({ ...common, recipients: [connection(1), ...seen(1, 'b', 'a', 'c')] })).toEqual({ outOfOrder: 1 });
      expect(found({ ...common, recipients: [connection(1), ...seen(1, 'c', 'a', 'b')] })).toEqual({});
    });

    it('what comes twice on a connection', () => {
      const recipients = [connection(1), ...seen(1, 'a', 'a')];
      expect(found({ pushes: [push('a')], recipients, messages: stored('a') })).toEqual({ outOfOrder: 1 });
    });

    it('what the only device of a recipient gets on a later connection for the first time', () => {
      const pushes = [push('a'), push('b')];
      const recipients = [connection(1), ...seen(1, 'b'), close(1), connection(2, { device: 1 }), ...seen(2, 'a')];
      expect(found({ pushes, recipients, messages: stored('a', 'b') })).toEqual({ outOfOrder: 1 });
    });

    it('but neither pushes that overlapped nor a repeat on a later connection', () => {
      const pushes = [
        push('a', { sent: 1_001, answered: 1_003 }),
        push('b', { sent: 1_002, answered: 1_004 }),
        push('c', { sent: 1_005, answered: 1_006 }),
      ];
      const again = [close(1), connection(2, { device: 1 }), ...seen(2, 'a')];
      const evidence = {
        pushes,
        recipients: [connection(1), ...seen(1, 'b', 'a', 'c'), ...again],
        messages: stored('a', 'b', 'c'),
      };
      expect(found(evidence)).toEqual({});
      expect(verdict(evidence).repeats).toBe(1);
    });
  });

  it('finds as stuck what is PENDING though its recipient is connected', () => {
    const pending = listed('a', { status: 'PENDING', deliveredAt: null });
    const recipients = [connection(1), frame(1, 'a')];
    expect(found({ pushes: [push('a')], recipients, messages: [pending] })).toEqual({ stuck: 1 });
    const away = [...recipients, close(1)];
    expect(found({ pushes: [push('a')], recipients: away, messages: [pending] })).toEqual({});
  });

  it('finds as back-stepped a status that changed more than once', () => {
    const once = { id: 'a-ann', old: 'PENDING', new: 'DELIVERED' };
    expect(found({ audit: [once, { id: 'a-ann', old: 'PENDING', new: 'CANCELLED' }] })).toEqual({ backStepped: 1 });
    expect(found({ audit: [{ id: 'a-ann', old: 'CANCELLED', new: 'DELIVERED' }] })).toEqual({ backStepped: 1 });
  });

  it('finds as back-stepped a status that was shown and taken back', () => {
    const samples = [{ statuses: { 'a-ann': 'DELIVERED' } }];
    const pending = listed('a', { status: 'PENDING', deliveredAt: null });
    expect(found({ pushes: [push('a')], messages: [pending], samples })).toEqual({ backStepped: 1 });
  });

  it('finds as doubled what a recipient has two rows of', () => {
    expect(found({ doubledGlobals: [{ globalMessageId: 'g', recipient: 'ann' }] })).toEqual({ doubled: 1 });
    const rows = [listed('a'), listed('a', { id: 'another' })];
    const recipients = [connection(1), ...seen(1, 'a')];
    expect(found({ pushes: [push('a')], recipients, messages: rows })).toEqual({ doubled: 1 });
  });
});
