import {
  type ConnectionRecord,
  has,
  hasExpired,
  type History,
  isBeyondReach,
  isFor,
  type Look,
  mayHaveExpired,
  proofsBy,
  type Push,
  rowsOf,
} from './history.js';
import type { MessageFields } from '../../support/service.js';

/** A promise of the specification's chapter on delivery. `broken` names what breaks it in a history. */
export interface DeliveryPromise {
  readonly name: string;
  readonly broken: (history: History) => string[];
}

/** Milliseconds by which two clocks that tell the same time may be apart: one is cut to milliseconds, one is read a statement earlier. */
const ROUNDING = 5;
const HASTE = 1_000;

export const PROMISES: readonly DeliveryPromise[] = [
  {
    name: 'Nothing acknowledged is lost',
    broken: (history) => {
      const last = history.looks.at(-1);
      return history.looks.flatMap((look) =>
        direct(history)
          .filter(({ answered }) => answered.tick < look.begun.tick)
          .flatMap((push) => {
            const row = look.messages.find(({ id }) => id === push.id);
            if (!row || !isRowOf(push, row)) return [`${push.name} is not shown as it was pushed`];
            if (look !== last || row.status !== 'PENDING' || mayHaveExpired(push, look.done)) return [];
            return [`${push.name} is PENDING at the end, when its recipient had been connected and answering`];
          }),
      );
    },
  },
  {
    name: 'Nothing is stuck: what is owed arrives, is proven, and is recorded, even if every event about it was lost',
    broken: ({ rests }) => rests.flatMap(({ missing }) => missing),
  },
  {
    name: 'Nothing is invented, and a recipient gets its own messages and those of its topic alone',
    broken: (history) => [
      ...history.connections.flatMap((connection) =>
        connection.frames
          .filter(({ text }) => !pushOf(history, connection, text))
          .map(({ text }) => `${connection.name} got ${abridged(text)}`),
      ),
      ...history.looks.flatMap((look) =>
        rowsOf(history, look)
          .filter(({ push }) => !push)
          .map(({ row }) => `the API shows ${JSON.stringify(row)}`),
      ),
    ],
  },
  {
    name: 'A connection gets a message once',
    broken: ({ connections }) =>
      connections.flatMap(({ name, frames }) =>
        frames
          .map(({ text }) => text)
          .filter((text, i, texts) => texts.indexOf(text) !== i)
          .map((text) => `${name} got ${abridged(text)} again`),
      ),
  },
  {
    name: 'Messages whose pushes were answered one after the other arrive in that order',
    broken: (history) =>
      history.connections.flatMap((connection) =>
        // Messages to one recipient have one order, and global ones theirs.
        [true, false].flatMap((global) => {
          const pushes = connection.frames
            .map(({ text }) => pushOf(history, connection, text))
            .filter((push) => push !== undefined && (push.recipient === null) === global) as Push[];
          return pushes.flatMap((push, i) =>
            pushes
              .slice(i + 1)
              .filter((later) => later.answered.tick < push.begun.tick)
              .map((later) => `${connection.name} got ${push.name} before ${later.name}, which was pushed earlier`),
          );
        }),
      ),
  },
  {
    name: 'DELIVERED means that a client of the recipient answered a ping sent behind the message',
    broken: (history) =>
      delivered(history)
        .filter(({ look, row, push }) => proofsUntil(history, look, push, row.recipient).length === 0)
        .map(({ row, push }) => `${push.name} is DELIVERED to ${row.recipient}, who never proved it`),
  },
  {
    name: 'deliveredAt is when the proof arrived, and never later than expiresAt',
    broken: (history) =>
      delivered(history).flatMap(({ look, row, push }) => {
        const at = Date.parse(row.deliveredAt ?? '');
        if (push.expiresAt !== null && at > push.expiresAt) return [`${push.name} was delivered after it expired`];
        const arrivals = proofsUntil(history, look, push, row.recipient).map(({ connection, pong }) => ({
          from: pong.moment.from - ROUNDING,
          to: (connection.fences.find(({ sent }) => sent.tick > pong.moment.tick)?.came ?? look.done).to + HASTE,
        }));
        if (arrivals.length === 0 || arrivals.some(({ from, to }) => from <= at && at <= to)) return [];
        return [`${push.name} bears ${row.deliveredAt}, when no proof of it arrived`];
      }),
  },
  {
    name: 'A message that its recipient has proven goes to no new connection',
    broken: (history) =>
      delivered(history).flatMap(({ look, row, push }) =>
        history.connections
          .filter(({ recipient, begun }) => recipient === row.recipient && begun.tick > look.done.tick)
          .filter((connection) => has(connection, push))
          .map(({ name }) => `${name} got ${push.name}, which had been DELIVERED`),
      ),
  },
  {
    name: 'Nothing is sent after its expiry',
    broken: (history) =>
      history.connections.flatMap((connection) =>
        [{ sent: connection.begun, frames: 0 }, ...connection.fences].flatMap((fence) =>
          connection.frames
            .slice(fence.frames)
            .map(({ text }) => pushOf(history, connection, text))
            .filter((push) => push && hasExpired(push, fence.sent))
            .map((push) => `${connection.name} got ${push?.name} after it had expired`),
        ),
      ),
  },
  {
    name: 'A message that expires undelivered is CANCELLED as of its expiry, and nothing is PENDING after it',
    broken: (history) =>
      shown(history).flatMap(({ look, row, push }) => {
        const { status, cancelledAt, expiresAt, deliveredAt } = row;
        if (status === 'PENDING' && hasExpired(push, look.begun)) return [`${push.name} is PENDING after its expiry`];
        if (status === 'CANCELLED' && (cancelledAt === null || cancelledAt !== expiresAt))
          return [`${push.name} expired at ${expiresAt} and was cancelled at ${cancelledAt}`];
        if (status === 'CANCELLED' && !(Date.parse(expiresAt ?? '') <= look.done.to + ROUNDING))
          return [`${push.name} was cancelled before it expired`];
        if ((status === 'DELIVERED') !== (deliveredAt !== null) || (status === 'CANCELLED') !== (cancelledAt !== null))
          return [`${push.name} is ${status}, deliveredAt ${deliveredAt}, cancelledAt ${cancelledAt}`];
        return [];
      }),
  },
  {
    name: 'A status changes once, from PENDING, and never back',
    broken: (history) =>
      history.looks.flatMap((look) => {
        const later = history.looks.filter(({ begun }) => begun.tick > look.done.tick);
        const settled = rowsOf(history, look).filter(({ row }) => row.status !== 'PENDING');
        return later.flatMap((next) => {
          const rows = new Map(rowsOf(history, next).map(({ row }) => [row.id, row]));
          return settled
            .filter(({ row }) => JSON.stringify(rows.get(row.id)) !== JSON.stringify(row))
            .map(({ row }) => `${JSON.stringify(row)} became ${JSON.stringify(rows.get(row.id))}`);
        });
      }),
  },
  {
    name: 'The reach report of a global message names each recipient that proved it, once',
    broken: ({ looks, pushes }) =>
      looks.flatMap(({ reach }) =>
        [...reach].flatMap(([id, rows]) => {
          const push = pushes.find((candidate) => candidate.id === id);
          const recipients = rows.map(({ recipient }) => recipient);
          return [
            ...recipients
              .filter((recipient, i) => recipients.indexOf(recipient) !== i)
              .map((recipient) => `the report of ${push?.name} names ${recipient} twice`),
            ...rows
              .filter((row) => !push || !isRowOf(push, row) || row.status !== 'DELIVERED')
              .map((row) => `the report of ${push?.name} has ${JSON.stringify(row)}`),
          ];
        }),
      ),
  },
  {
    name: 'A global message goes to nobody who connects after its time',
    broken: (history) =>
      history.connections.flatMap((connection) =>
        connection.frames
          .map(({ text }) => pushOf(history, connection, text))
          .filter((push) => push && isBeyondReach(push, connection.begun))
          .map((push) => `${connection.name} connected too late for ${push?.name}, and got it`),
      ),
  },
  {
    name: 'A token opens connections until it expires, and the service ends no connection of a client that answers it',
    broken: ({ connections }) =>
      connections.flatMap(({ name, expired, opened, closed, faltered }) => {
        if (expired) return closed?.code === 4_401 ? [] : [`${name} came with an expired token and was let in`];
        if (opened === null) return [`${name} was not let in`];
        return closed?.by === 'server' && !faltered ? [`${name} was closed with ${closed.code}`] : [];
      }),
  },
  {
    name: 'Another tenant sees nothing of it',
    broken: ({ leaks }) => leaks.map((text) => `the neighbour saw ${abridged(text)}`),
  },
];

/** Every promise that a history breaks, and how. */
export function brokenPromises(history: History): { readonly name: string; readonly how: readonly string[] }[] {
  return PROMISES.map(({ name, broken }) => ({ name, how: broken(history) })).filter(({ how }) => how.length > 0);
}

const direct = ({ pushes }: History) => pushes.filter(({ recipient }) => recipient !== null);

function pushOf({ pushes }: History, connection: ConnectionRecord, text: string): Push | undefined {
  return pushes.find((push) => push.text === text && isFor(push, connection));
}

/** Each row that was shown of a push, in each look. */
function shown(history: History): { readonly look: Look; readonly row: MessageFields; readonly push: Push }[] {
  return history.looks.flatMap((look) =>
    rowsOf(history, look).flatMap(({ row, push }) => (push ? [{ look, row, push }] : [])),
  );
}

const delivered = (history: History) => shown(history).filter(({ row }) => row.status === 'DELIVERED');

function proofsUntil(history: History, look: Look, push: Push, recipient: string): ReturnType<typeof proofsBy> {
  return proofsBy(history, push, recipient).filter(({ pong }) => pong.moment.tick < look.done.tick);
}

function isRowOf({ text, topic, expiresAt, createdAt, recipient }: Push, row: MessageFields): boolean {
  return (
    row.message === text &&
    row.topic === topic &&
    (recipient === null || row.recipient === recipient) &&
    (row.expiresAt === null ? null : Date.parse(row.expiresAt)) === expiresAt &&
    Date.parse(row.createdAt) === createdAt
  );
}

const abridged = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
