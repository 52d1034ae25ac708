import fc from 'fast-check';
import { processes } from '../../support/host.js';
import type { Fate } from './faults.js';

// What can happen in a sequence: plain data, so that a script can be printed, kept, and played again.

export const RECIPIENTS = ['anna', 'bert', 'carl'] as const;
/** How many nodes there are: two in the process of the tests, or as many as there are processes. */
export const NODES = processes || 2;
/** Two that differ by a capital letter alone, since topics are case-sensitive. */
export const TOPICS = ['news', 'News'] as const;

type Recipient = (typeof RECIPIENTS)[number];
type Topic = (typeof TOPICS)[number] | null;
/** The place of a node among all of them. */
type Node = number;

/** `who` names a connection by its place among those that can do it, counted around. */
export type Act =
  | {
      readonly do: 'push';
      readonly to: readonly Recipient[];
      readonly topic: Topic;
      readonly expiresIn: number | null;
      readonly large: boolean;
      readonly node: Node;
    }
  | { readonly do: 'push many'; readonly to: Recipient; readonly count: number; readonly node: Node }
  | { readonly do: 'push global'; readonly topic: Topic; readonly expiresIn: number | null; readonly node: Node }
  | {
      readonly do: 'connect';
      readonly as: Recipient;
      readonly topic: Topic;
      readonly answers: boolean;
      readonly node: Node;
    }
  | { readonly do: 'reconnect'; readonly who: number; readonly node: Node }
  | { readonly do: 'fall silent'; readonly who: number }
  | { readonly do: 'answer the latest ping'; readonly who: number }
  | { readonly do: 'forge pongs'; readonly who: number }
  | { readonly do: 'stop reading'; readonly who: number }
  | { readonly do: 'read on'; readonly who: number }
  | { readonly do: 'leave'; readonly who: number; readonly how: 'with a close frame' | 'without' }
  | { readonly do: 'let time pass'; readonly seconds: number }
  | {
      readonly do: 'disturb the queue';
      readonly fate: Fate;
      readonly count: number;
    }
  | { readonly do: 'release the jobs held back' }
  | { readonly do: 'empty the queue' }
  | { readonly do: 'look'; readonly node: Node }
  | { readonly do: 'rest' };

export type Step = Act | { readonly atOnce: readonly Act[] };
export type Script = readonly Step[];

// Uneven, so that pushes, connections and topics often meet.
const recipient = fc.constantFrom<Recipient[]>('anna', 'anna', 'anna', 'bert', 'bert', 'carl');
const topic = fc.constantFrom<Topic[]>(null, null, null, ...TOPICS);
const node = fc.constantFrom<Node[]>(...Array(NODES).keys());
const fate = fc.constantFrom<Fate[]>(...(processes > 0 ? [] : ['unheard' as const]), 'lost', 'twice', 'held back');
const who = fc.nat(3);
const count = fc.integer({ min: 1, max: 4 });
// In seconds. No sum of steps of the clock comes near an expiry, or near the minute of a global message or the two of a
// token: what is over is never a matter of milliseconds.
const expiresIn = fc.constantFrom(null, null, 15, 15, 40, 90);
const seconds = fc.constantFrom(25, 50, 75);

function act<K extends Act['do']>(
  kind: K,
  fields: { [F in keyof Omit<Extract<Act, { do: K }>, 'do'>]: fc.Arbitrary<Extract<Act, { do: K }>[F]> },
): fc.Arbitrary<Act> {
  return fc.record({ do: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<Act>;
}

const to = fc.uniqueArray(recipient, { minLength: 1, maxLength: RECIPIENTS.length });
const large = fc.integer({ min: 0, max: 9 }).map((n) => n === 9);

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 10, arbitrary: act('push', { to, topic, expiresIn, large, node }) },
  { weight: 2, arbitrary: act('push many', { to: recipient, count: fc.integer({ min: 2, max: 8 }), node }) },
  { weight: 5, arbitrary: act('push global', { topic, expiresIn, node }) },
  { weight: 10, arbitrary: act('connect', { as: recipient, topic, answers: fc.boolean(), node }) },
  { weight: 4, arbitrary: act('reconnect', { who, node }) },
  { weight: 2, arbitrary: act('fall silent', { who }) },
  { weight: 4, arbitrary: act('answer the latest ping', { who }) },
  { weight: 3, arbitrary: act('forge pongs', { who }) },
  { weight: 2, arbitrary: act('stop reading', { who }) },
  { weight: 1, arbitrary: act('read on', { who }) },
  { weight: 4, arbitrary: act('leave', { who, how: fc.constantFrom('with a close frame', 'without') }) },
  { weight: 6, arbitrary: act('let time pass', { seconds }) },
  {
    weight: 7,
    arbitrary: act('disturb the queue', { fate, count }),
  },
  { weight: 1, arbitrary: act('release the jobs held back', {}) },
  { weight: 1, arbitrary: act('empty the queue', {}) },
  { weight: 2, arbitrary: act('look', { node }) },
  { weight: 2, arbitrary: act('rest', {}) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: anyAct },
  { weight: 1, arbitrary: fc.record({ atOnce: fc.array(anyAct, { minLength: 2, maxLength: 3 }) }) },
);

/** Any sequence. */
export const anyScript: fc.Arbitrary<Script> = fc.array(step, { minLength: 2, maxLength: 14, size: 'max' });

/** A step on each line, as JSON. */
export function print(script: Script): string {
  return `[\n${script.map((step) => `  ${JSON.stringify(step)}`).join(',\n')}\n]`;
}
