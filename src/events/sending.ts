import { beginUnder, type Place, type Span } from '../traces/tracing.js';
import { EVENTS_QUEUE } from './events-queue.js';

/** What spans say of the queue. The conventions for messaging are not stable yet: these names are of version 1.45. */
export const QUEUE_FACTS = { 'messaging.system.name': 'bullmq', 'messaging.destination.name': EVENTS_QUEUE } as const;

/** Begins a span for the sending of an event of this class, if its trace goes on here. Whoever publishes the event hands it over. */
export function beginSending(parent: Place | undefined, eventClass: string): Span | undefined {
  return parent === undefined
    ? undefined
    : beginUnder(parent, `send ${EVENTS_QUEUE}`, 'producer', {
        ...QUEUE_FACTS,
        'messaging.operation.name': 'send',
        'messaging.operation.type': 'send',
        'homing.event': eventClass,
      });
}
