import { type Facts, timeOf } from './facts.js';

/**
 * A connection of a recipient has ended, whoever ended it. Fires once for each that `RecipientConnected` told of, on the node that
 * held it; not where that process was killed.
 */
export class RecipientDisconnected {
  readonly tenant: string;
  readonly recipient: string;
  /** The topic of its token. */
  readonly topic: string | null;
  /** The connection: the id of the request that opened it. */
  readonly connectionId: string;
  readonly disconnectedAt: Date;
  /** The close code (RFC 6455 §7.4): ours, or the client's; 1005 where it gave none, 1006 where there was no closing handshake. */
  readonly code: number;
  /** The reason beside the code; empty where there is none. A client's own may say anything. */
  readonly reason: string;

  constructor(facts: Facts<RecipientDisconnected>) {
    this.tenant = facts.tenant;
    this.recipient = facts.recipient;
    this.topic = facts.topic;
    this.connectionId = facts.connectionId;
    this.disconnectedAt = timeOf(facts.disconnectedAt);
    this.code = facts.code;
    this.reason = facts.reason;
  }
}
