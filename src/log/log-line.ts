import { LOG_EVENTS, type LogEvent, type LogLevel } from './log-events.js';

/** What a line may bear besides its sentence. Ids and counts: never a text, a recipient, a topic, a key or a token. */
export interface LogFields {
  /** The id of the request for which it is written. */
  readonly requestId?: string | undefined;
  /** What went wrong; its message, its code and, where it helps, its stack are written. */
  readonly error?: unknown;
  readonly [field: string]: unknown;
}

/** A line about an event. */
export class LogLine {
  constructor(
    readonly event: LogEvent,
    readonly sentence: string,
    readonly fields: LogFields,
  ) {}

  get level(): LogLevel {
    return LOG_EVENTS[this.event].level;
  }

  /** What a logger that is not ours says of it. */
  toString(): string {
    return `${this.event}: ${this.sentence}`;
  }
}

/** What this process logs. */
export const logged = {
  /** Whether lines of the level `debug` are written: to be asked before one is made on the way of a message. */
  debug: false,
};
