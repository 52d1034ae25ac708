import { DELIVERY_LOG_EVENTS } from './delivery-log-events.js';
import { PROCESS_LOG_EVENTS } from './process-log-events.js';

export { LOG_LEVELS, type LogLevel } from './log-event-kind.js';

/** Every event that the log tells of, by its stable name. The table in `docs/operations.md` is written from it. */
export const LOG_EVENTS = { ...PROCESS_LOG_EVENTS, ...DELIVERY_LOG_EVENTS };

/** The name of an event of the log. */
export type LogEvent = keyof typeof LOG_EVENTS;
