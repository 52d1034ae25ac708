import type { EventJob } from '../events/events-queue.js';

/** The ids of the first so many tenants and transactions of a job are shown. */
const FIRST = 10;

const HIDDEN: readonly string[] = ['recipient', 'recipients', 'topic', 'reason'];

/** What a job's events may have: they were JSON, and are told apart by it. */
interface Fields {
  readonly tenant?: unknown;
  readonly txid?: unknown;
  readonly recipients?: unknown;
  readonly proofs?: unknown;
  readonly globalProofs?: unknown;
}

/**
 * What the board shows of the data of a job: ids, and how many. Jobs hold no text of a message (ADR 8); the names of recipients, of whom
 * there may be thousands, are counted. What is none of ours is not shown.
 */
export function shownJob(data: unknown): object {
  const { node, events } = (data ?? {}) as Partial<EventJob>;
  if (!Array.isArray(events)) return {};
  const all = events.map((event) => (event ?? {}) as Fields);
  const lists = (name: keyof Fields) => all.map((event) => event[name]).filter((value) => Array.isArray(value));
  const counts = (['recipients', 'proofs', 'globalProofs'] as const)
    .map((name) => [name, lists(name)] as const)
    .filter(([, found]) => found.length > 0)
    .map(([name, found]) => [name, found.reduce((sum, { length }) => sum + length, 0)] as const);
  return {
    node: typeof node === 'string' ? node : null,
    events: all.length,
    ...Object.fromEntries(counts),
    ...firstOf(
      'tenants',
      all.map(({ tenant }) => tenant).filter((tenant) => typeof tenant === 'string'),
    ),
    ...firstOf(
      'transactions',
      all.map(({ txid }) => txid).filter((txid) => typeof txid === 'number'),
    ),
  };
}

/** What the board shows of an event on its way to a handler: all but names of recipients and topics, and of many ids the first. */
export function shownEvent(data: unknown): object {
  const shown = Object.entries(data ?? {}).filter(([name]) => !HIDDEN.includes(name));
  return Object.fromEntries(
    shown.map(([name, value]: [string, unknown]) => [name, Array.isArray(value) ? value.slice(0, FIRST) : value]),
  );
}

/** The first few different ones, under this name; nothing where there is none. */
function firstOf(name: string, ids: readonly (string | number)[]): Record<string, readonly (string | number)[]> {
  const different = [...new Set(ids)];
  return different.length === 0 ? {} : { [name]: different.slice(0, FIRST) };
}
