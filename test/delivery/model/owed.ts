import {
  type ConnectionRecord,
  has,
  type History,
  isFor,
  isOpen,
  isWithinReach,
  type Look,
  mayHaveExpired,
  type Moment,
  proofsBy,
  type Push,
} from './history.js';

/** What is missing when all that is under way has arrived: frames on open connections, and the records of proofs. */
export function missing(history: History, look: Look | undefined, now: Moment): string[] {
  const reading = history.connections.filter((connection) => isOpen(connection) && !connection.stalled);
  const valid = history.pushes.filter((push) => !mayHaveExpired(push, now));
  const pairs = reading.flatMap((connection) =>
    valid.filter((push) => isFor(push, connection)).map((push) => ({ connection, push })),
  );
  const frames = pairs.filter(({ connection, push }) => lacks(history, connection, push, now));
  const records = pairs.filter(({ connection, push }) => look && lacksRecord(look, connection, push, now));
  return [
    ...frames.map(({ connection, push }) => `${connection.name} has not got ${push.name}`),
    ...records.map(({ connection, push }) => `${connection.name} answers its pings, and ${push.name} is not DELIVERED`),
  ];
}

/** What was pushed since a connection opened is owed to it; what was pushed before, unless the recipient has proven it. */
function lacks(history: History, connection: ConnectionRecord, push: Push, now: Moment): boolean {
  if (has(connection, push)) return false;
  if (connection.opened && push.begun.tick > connection.opened.tick) return true;
  return isWithinReach(push, now) && proofsBy(history, push, connection.recipient).length === 0;
}

/**
 * Who answers every ping has proven all that it got. What it did not get, the recipient has proven on another connection; and
 * if that proof was lost with its connection, the message would come again.
 */
function lacksRecord({ messages, reach }: Look, connection: ConnectionRecord, push: Push, now: Moment): boolean {
  if (connection.silent || !(has(connection, push) || isWithinReach(push, now))) return false;
  const rows = push.recipient === null ? (reach.get(push.id) ?? []) : messages.filter(({ id }) => id === push.id);
  return !rows.some(({ recipient, status }) => recipient === connection.recipient && status === 'DELIVERED');
}
