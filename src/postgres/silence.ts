import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** A statement runs this long at most, in milliseconds. */
export const STATEMENT_TIMEOUT = 30_000;
/** A connection on which nothing is heard for longer than any statement may take is given up: its server, or the way to it, is dead. */
const SILENCE = STATEMENT_TIMEOUT + 5_000;

/** A connection of a pool of node-postgres. */
export type PooledConnection = EventEmitter & { readonly connection: { readonly stream: Socket } };

/** Lets a connection of a pool end when it was lost without a word. Its statement then fails, and the pool makes another. */
export function endWhenSilent(client: PooledConnection): void {
  // A lost connection is heard of as the error of its statement. Unheard, the event would end the process.
  client.on('error', () => undefined);
  // The pool closes idle connections long before, so that silence means that an answer is overdue.
  const { stream } = client.connection;
  stream.setTimeout(SILENCE, () => stream.destroy(new Error('nothing was heard from the database')));
}
