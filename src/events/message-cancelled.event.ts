import { type Facts, timeOf } from './facts.js';

/**
 * A message expired before it was proven. Fires once for each message to a recipient that turned from PENDING into CANCELLED: when
 * the sweep of expired messages finds it, a few seconds after its expiry, or a query that lists it before; on the node that did. A
 * global message that expires has no such event.
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
