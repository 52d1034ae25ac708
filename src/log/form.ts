import type { ErrorFields } from './describe-error.js';
import type { LogEvent, LogLevel } from './log-events.js';

/** All that a line says besides the time, the process and the node. */
export interface Entry {
  readonly level: LogLevel;
  /** Who writes it. */
  readonly context?: string;
  /** Lines of libraries have none. */
  readonly event?: LogEvent;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly error?: ErrorFields;
}

/** Makes lines of entries, and hands them on. */
export type Form = (entry: Entry) => void;

/** Where a line comes from. */
export interface Origin {
  readonly pid: number;
  /** The id of this node. */
  readonly node: string;
}
