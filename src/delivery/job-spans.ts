import type { Job } from 'bullmq';
import { DeliveryConfirmed } from '../events/delivery-confirmed.event.js';
import { EVENTS_QUEUE, type EventJob } from '../events/events-queue.js';
import { QUEUE_FACTS } from '../events/sending.js';
import type { CarriedEvent } from '../events/wake-up.js';
import type { Place, Span, Tracer } from '../traces/tracing.js';

/** A job is shown in so many traces at most. */
const MOST_TRACES = 128;

/** A job in the traces of all that it carries: it has a span in each, so that each of them is whole. */
export class JobSpans {
  private readonly spans: ReadonlyMap<Place, Span>;

  constructor(tracer: Tracer, { id, name, data: { events }, attemptsMade }: Job<EventJob>) {
    const places = new Set((events ?? []).flatMap(placesOf).slice(0, MOST_TRACES));
    const operation = name === DeliveryConfirmed.name ? 'record' : 'announce';
    const begin = (parent: Place): Span =>
      tracer.begin(`${operation} ${EVENTS_QUEUE}`, {
        kind: 'consumer',
        parent,
        facts: {
          ...QUEUE_FACTS,
          'messaging.operation.name': operation,
          'messaging.operation.type': 'process',
          'messaging.message.id': id,
          'messaging.batch.message_count': events.length,
          'homing.event': name,
          'homing.attempt': attemptsMade + 1,
        },
      });
    this.spans = new Map([...places].map((parent) => [parent, begin(parent)]));
  }

  /** Where a trace goes on that came with the job. */
  placeAfter(place: Place | undefined): Place | undefined {
    return place === undefined ? undefined : (this.spans.get(place)?.place ?? place);
  }

  end(failure?: unknown): void {
    for (const span of this.spans.values()) span.end(failure);
  }
}

function placesOf(event: CarriedEvent): readonly Place[] {
  if ('proofs' in event) return event.places ?? [];
  return event.place === undefined ? [] : [event.place];
}
