import type { DeliveryConfirmed } from './delivery-confirmed.event.js';
import type { DomainEvent } from './domain-events.js';
import { GlobalMessagePushed } from './global-message-pushed.event.js';
import { MessagesPushed } from './messages-pushed.event.js';

/** What the queue carries of messages that were pushed: as much as wakes their recipients. */
export interface MessagesWakeUp extends Pick<MessagesPushed, 'tenant' | 'txid' | 'recipients' | 'requestId' | 'place'> {
  /** In milliseconds since the epoch. */
  readonly expiresAt: number | null;
}

/** What the queue carries of a global message that was pushed. */
export type GlobalWakeUp = Pick<GlobalMessagePushed, 'tenant' | 'txid' | 'requestId' | 'place'>;

/** What the queue carries of an event. */
export type CarriedEvent = MessagesWakeUp | GlobalWakeUp | DeliveryConfirmed;

/** What the queue carries of this event. What only handlers need stays behind: of a push to thousands that is a lot. */
export function carried(event: DomainEvent): CarriedEvent {
  if (event instanceof MessagesPushed) {
    const { tenant, txid, recipients, expiresAt, requestId, place } = event;
    return { tenant, txid, recipients, expiresAt: expiresAt?.getTime() ?? null, requestId, place };
  }
  if (event instanceof GlobalMessagePushed) {
    const { tenant, txid, requestId, place } = event;
    return { tenant, txid, requestId, place };
  }
  return event;
}
