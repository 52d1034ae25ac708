import type { QueueOptions } from 'bullmq';
import type { CarriedEvent } from './wake-up.js';

/** The BullMQ queue that carries the domain events. */
export const EVENTS_QUEUE = 'events';

/** A job holds the events of one class that happened together; its name is that of the class. */
export interface EventJob {
  /** The node on which they happened. */
  readonly node: string;
  readonly events: readonly CarriedEvent[];
}

/** Done jobs go at once; of the failed ones enough stay to look at. A job is tried for half a minute (1 + 2 + 4 + 8 + 16 s): the reconciler does the rest. */
export const JOB_OPTIONS: QueueOptions['defaultJobOptions'] = {
  removeOnComplete: true,
  removeOnFail: { count: 1_000 },
  attempts: 6,
  backoff: { type: 'exponential', delay: 1_000 },
};
