import { type Facts, timeOf } from './facts.js';

/**
 * A message expired before it was proven. Fires once for each message to a recipient that the sweep of expired messages turned
 * from PENDING into CANCELLED, a few seconds after its expiry, on the node with the role `worker` that did. A global message
 * that expires has no such event.
 */
export class MessageCancelled {
  readonly tenant: string;
  readonly id: string;
  readonly recipient: string;
  readonly topic: string | null;
  readonly createdAt: Date;
  /** Its expiry. */
  readonly cancelledAt: Date;

  constructor(facts: Facts<MessageCancelled>) {
    this.tenant = facts.tenant;
    this.id = facts.id;
    this.recipient = facts.recipient;
    this.topic = facts.topic;
    this.createdAt = timeOf(facts.createdAt);
    this.cancelledAt = timeOf(facts.cancelledAt);
  }
}
