import { type Facts, timeOf } from './facts.js';
import { nameUuid } from './name-uuid.js';

/**
 * A message was delivered. Fires once for each message to a recipient that a proof turned from PENDING into DELIVERED, and once for
 * each recipient that proved a global message, on the node that recorded it: that is one with the role `worker`, or the
 * recipient's own. Not for a proof that came after the expiry, or again.
 */
export class MessageDelivered {
  readonly tenant: string;
  /** The message, by the id that `messages` lists. */
  readonly id: string;
  readonly recipient: string;
  readonly topic: string | null;
  readonly createdAt: Date;
  /** When the proof arrived, by the clock of the database. */
  readonly deliveredAt: Date;
  /** The global message that the recipient has proven; null where it was pushed to him by name. */
  readonly globalMessageId: string | null;

  /** @param facts what is known of it; the id of a delivery of a global message follows from the rest */
  constructor(facts: Omit<Facts<MessageDelivered>, 'id'> & { readonly id: string | null }) {
    this.tenant = facts.tenant;
    this.id = facts.id ?? nameUuid(String(facts.globalMessageId), facts.recipient);
    this.recipient = facts.recipient;
    this.topic = facts.topic;
    this.createdAt = timeOf(facts.createdAt);
    this.deliveredAt = timeOf(facts.deliveredAt);
    this.globalMessageId = facts.globalMessageId;
  }
}
