import type { MessageFields } from '../../support/service.js';

// What is known of one sequence when it is over. The promises are judged by this alone.

/**
 * A point in a history. Ticks order everything that was seen. The database's clock stood between `from` and `to` then; the
 * two differ only while the clock is being set.
 */
export interface Moment {
  readonly tick: number;
  readonly from: number;
  readonly to: number;
}

/** A message to one recipient, or a global one to all of them (`recipient: null`), whose push was answered. */
export interface Push {
  readonly name: string;
  readonly id: string;
  readonly text: string;
  readonly recipient: string | null;
  readonly topic: string | null;
  readonly expiresAt: number | null;
  readonly createdAt: number;
  readonly begun: Moment;
  readonly answered: Moment;
}

export interface Frame {
  readonly text: string;
  readonly moment: Moment;
}

/** A pong that the client sent, and how many frames had come before the ping that it answers. */
export interface Pong {
  readonly moment: Moment;
  readonly frames: number;
}

/**
 * The client asked at `sent` and had the answer at `came`, after so many frames. One TCP connection keeps its order: what
 * the client sent before `sent` had reached the server by `came`, and what came after those frames was written after `sent`.
 */
export interface Fence {
  readonly sent: Moment;
  readonly came: Moment;
  readonly frames: number;
}

/** What the client of one connection did and saw. */
export interface ConnectionRecord {
  readonly name: string;
  readonly recipient: string;
  readonly topic: string | null;
  readonly begun: Moment;
  /** Whether its token had expired, by the clock that it was issued by. When it expired meanwhile, the server says. */
  expired: boolean;
  opened: Moment | null;
  closed: { readonly moment: Moment; readonly by: 'client' | 'server'; readonly code: number } | null;
  /** Whether it stands still: it reads nothing from the network. */
  stalled: boolean;
  /** Whether it has at some time stood still, or left a ping without an answer. */
  faltered: boolean;
  /** Whether the last ping has no answer yet. */
  silent: boolean;
  readonly frames: Frame[];
  readonly pongs: Pong[];
  readonly fences: Fence[];
}

/** A look at what the API shows. */
export interface Look {
  readonly begun: Moment;
  readonly done: Moment;
  /** All messages to single recipients. */
  readonly messages: readonly MessageFields[];
  /** The reach report of each global message, by its id. */
  readonly reach: ReadonlyMap<string, readonly MessageFields[]>;
}

/** A point where everything owed should have arrived, and what had not when the patience was over. */
export interface Rest {
  readonly moment: Moment;
  readonly missing: readonly string[];
}

export interface History {
  readonly pushes: Push[];
  readonly connections: ConnectionRecord[];
  readonly looks: Look[];
  readonly rests: Rest[];
  /** What a client of another tenant got. */
  readonly leaks: string[];
}

export function emptyHistory(): History {
  return { pushes: [], connections: [], looks: [], rests: [], leaks: [] };
}

/** Without an expiry, a global message goes to those who connect within this time, in milliseconds. */
const REACH = 60_000;
/** A node's clock may run ahead of the database's by the duration of a statement, so it may hold a message back this early. */
const HASTE = 1_000;

/** Whether the message is for this connection. */
export function isFor(push: Push, { recipient, topic }: ConnectionRecord): boolean {
  return (push.recipient === null || push.recipient === recipient) && (push.topic === null || push.topic === topic);
}

export function hasExpired({ expiresAt }: Push, moment: Moment): boolean {
  return expiresAt !== null && moment.from >= expiresAt;
}

export function mayHaveExpired({ expiresAt }: Push, moment: Moment): boolean {
  return expiresAt !== null && moment.to + HASTE >= expiresAt;
}

/** Whether who connects now can surely, or can surely not, get a message that was pushed before. */
export function isWithinReach(push: Push, moment: Moment): boolean {
  return push.recipient !== null || moment.to + HASTE < (push.expiresAt ?? push.createdAt + REACH);
}

export function isBeyondReach(push: Push, moment: Moment): boolean {
  return push.recipient === null && moment.from >= (push.expiresAt ?? push.createdAt + REACH);
}

export function isOpen({ expired, opened, closed }: ConnectionRecord): boolean {
  return !expired && opened !== null && closed === null;
}

export function has({ frames }: ConnectionRecord, { text }: Push): boolean {
  return frames.some((frame) => frame.text === text);
}

/** When the client of a connection answered a ping that had come behind the message: from its first such pong on. */
export function proofOf({ frames, pongs }: ConnectionRecord, { text }: Push): Pong | undefined {
  const place = frames.findIndex((frame) => frame.text === text);
  return place === -1 ? undefined : pongs.find((pong) => pong.frames > place);
}

/** The proofs that a recipient gave of a message, with their connections. */
export function proofsBy(
  { connections }: History,
  push: Push,
  recipient: string,
): { readonly connection: ConnectionRecord; readonly pong: Pong }[] {
  return connections.flatMap((connection) => {
    const pong = connection.recipient === recipient ? proofOf(connection, push) : undefined;
    return pong ? [{ connection, pong }] : [];
  });
}

/** What a look showed of deliveries: each row, and the push that it belongs to. A row of no push has none. */
export function rowsOf({ pushes }: History, look: Look): { readonly row: MessageFields; readonly push?: Push }[] {
  return [...look.messages, ...[...look.reach.values()].flat()].map((row) => ({
    row,
    push: pushes.find(({ id }) => id === (row.globalMessageId ?? row.id)),
  }));
}
