import { type Facts, timeOf } from './facts.js';

/** A connection of a recipient was let in. Fires once for each, before its backlog is read, on the node that holds it. */
export class RecipientConnected {
  readonly tenant: string;
  readonly recipient: string;
  /** The topic of its token. */
  readonly topic: string | null;
  /** The connection: the id of the request that opened it. */
  readonly connectionId: string;
  readonly connectedAt: Date;

  constructor(facts: Facts<RecipientConnected>) {
    this.tenant = facts.tenant;
    this.recipient = facts.recipient;
    this.topic = facts.topic;
    this.connectionId = facts.connectionId;
    this.connectedAt = timeOf(facts.connectedAt);
  }
}
