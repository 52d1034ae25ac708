import { Logger } from '@nestjs/common';
import type { LogEvent, LogLevel } from './log-events.js';
import { type LogFields, LogLine } from './log-line.js';

/** What Nest calls the level of a line. */
const METHODS = { debug: 'debug', info: 'log', warn: 'warn', error: 'error', fatal: 'fatal' } as const satisfies Record<
  LogLevel,
  keyof Logger
>;

/** What a line is handed on as: itself to our own logger, a sentence to that of an application in which the service is mounted. */
export const handed: { form: (line: LogLine) => LogLine | string } = { form: (line) => line };

/**
 * Writes lines to the log, each with the name of its event, which decides its level. It goes by Nest's logger, so that who
 * turns that off (the command line) turns this off. On the way of a message `logged.debug` is asked first.
 */
export class Log {
  private readonly logger: Logger;

  /** @param context who writes */
  constructor(context: string) {
    this.logger = new Logger(context);
  }

  write(event: LogEvent, sentence: string, fields: LogFields = {}): void {
    const line = new LogLine(event, sentence, fields);
    this.logger[METHODS[line.level]](handed.form(line));
  }
}
