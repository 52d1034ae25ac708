import type { DomainEvent } from '../events/domain-events.js';
import type { EventJob } from '../events/events-queue.js';
import { GlobalMessagePushed } from '../events/global-message-pushed.event.js';
import { MessagesPushed } from '../events/messages-pushed.event.js';

/**
 * What the board shows of the data of a job: ids, times and how many. Jobs hold no text of a message (ADR 8); the names of recipients,
 * of whom there may be thousands, are counted. What is none of ours is not shown.
 */
export function shownJob(data: unknown): object {
  const { node, events } = (data ?? {}) as Partial<EventJob>;
  if (!Array.isArray(events)) return {};
  return { node, events: events.map((event) => shownEvent(event as Partial<DomainEvent>)) };
}

/** The events of a job are told apart by what they have: they were JSON. */
function shownEvent(
  event: Partial<MessagesPushed & GlobalMessagePushed> & { proofs?: unknown; globalProofs?: unknown },
) {
  const { tenant, txid, recipients, expiresAt, proofs, globalProofs } = event;
  return {
    ...(typeof tenant === 'string' && { tenant }),
    ...(typeof txid === 'number' && { txid }),
    ...(Array.isArray(recipients) && { recipients: recipients.length }),
    ...(typeof expiresAt === 'number' && { expiresAt: new Date(expiresAt).toISOString() }),
    ...(Array.isArray(proofs) && { proofs: proofs.length }),
    ...(Array.isArray(globalProofs) && { globalMessages: globalProofs.length }),
  };
}
