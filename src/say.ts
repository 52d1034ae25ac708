import type { LogEvent } from './log/log-events.js';

/** Tells people what happens, a sentence at a time; a log has it as a line about an event, `service.starting` unless another is named. */
export type Say = (sentence: string, event?: LogEvent) => void;
