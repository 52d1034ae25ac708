/** A recipient's proof that it has a message. */
export interface Proof {
  readonly seq: number;
  /** When the pong arrived, in milliseconds since the epoch of the database's clock. */
  readonly provenAt: number;
}

/** A recipient's proof that it has a global message. */
export interface GlobalProof {
  readonly globalMessageId: string;
  readonly tenant: string;
  readonly recipient: string;
  readonly provenAt: number;
}

/** Recipients answered the pings behind these messages. Fires on the node that holds their connections, many at once. */
export class DeliveryConfirmed {
  constructor(
    readonly proofs: readonly Proof[],
    readonly globalProofs: readonly GlobalProof[],
  ) {}
}
