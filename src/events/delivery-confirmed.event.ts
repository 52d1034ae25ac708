import type { Place } from '../traces/tracing.js';

/** A recipient's proof that it has a message. */
export interface Proof {
  readonly seq: number;
  /** When the pong arrived, in milliseconds since the epoch of the database's clock. */
  readonly provenAt: number;
}

/** Recipients' proofs that they have a global message, the time of each at the same place as its name. */
export interface GlobalProofs {
  readonly seq: number;
  readonly recipients: readonly string[];
  readonly provenAt: readonly number[];
}

/** Recipients answered the pings behind these messages. Fires on the node that holds their connections, many at once. */
export class DeliveryConfirmed {
  constructor(
    /** Tells it from all others of its node. */
    readonly number: number,
    readonly proofs: readonly Proof[],
    readonly globalProofs: readonly GlobalProofs[],
    /** Where the traces of messages that were proven go on, the first few of those that are traced. */
    readonly places?: readonly Place[],
  ) {}
}
