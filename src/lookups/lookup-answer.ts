/** Why a node ended a connection by itself: its consumer did not read or prove what it was sent, or it answered no ping. */
export type CutOffBecause = 'slow_consumer' | 'no_pong';

/** An open connection of the recipient. */
export interface FoundConnection {
  /** When it opened, in ISO 8601 by the clock of the database; null when the database did not tell. */
  readonly since: string | null;
  readonly topic: string | null;
  /** Whether its backlog has been read, so that it takes what comes. */
  readonly live: boolean;
  /** Bytes that wait to be read by its peer. */
  readonly buffered: number;
  /** Messages that it was sent and has not proven. */
  readonly unproven: number;
  /** Those of the messages that were asked for which it was sent and has not proven. */
  readonly sent: readonly number[];
}

/** What a node knows of a recipient. */
export interface LookupAnswer {
  /** Its connections here, not more than a hundred. */
  readonly connections: readonly FoundConnection[];
  /** How many there are. */
  readonly count: number;
  /** Those of the messages that were asked for which were proven here, and are still being recorded. */
  readonly proven: readonly number[];
  /** When this node last ended a connection of the recipient by itself, in ISO 8601, and why; null when it remembers none. */
  readonly cutOff: { readonly at: string; readonly because: CutOffBecause; readonly topic: string | null } | null;
}
