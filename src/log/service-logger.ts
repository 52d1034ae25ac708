import type { Writable } from 'node:stream';
import type { LoggerService } from '@nestjs/common';
import type { SettingValues } from '../config/settings.js';
import { describeError } from './describe-error.js';
import type { Entry, Form, Origin } from './form.js';
import { LOG_LEVELS, type LogEvent, type LogLevel } from './log-events.js';
import { type LogFields, logged, LogLine } from './log-line.js';
import { Output } from './output.js';
import { Scrubber, secretsOf, secretsOfVariables } from './scrubber.js';
import { textForm } from './text-form.js';

/** Who logs an error of the start with its stack and throws it as well: `main.ts` says it, once. */
const THROWERS: readonly unknown[] = ['ExceptionHandler', 'NestApplication', 'TypeOrmModule'];

type LogSettings = Pick<SettingValues, 'nodeEnv' | 'logFormat' | 'logLevel' | 'logBuffer'>;

/** Whether the log is read by programs: each line on standard output and standard error is then a JSON object. */
export function isJson({ logFormat, nodeEnv }: Pick<SettingValues, 'logFormat' | 'nodeEnv'>): boolean {
  return logFormat === 'json' || (logFormat === 'auto' && nodeEnv === 'production');
}

/** The log of a process, as Nest knows it. What is not an event of ours is a library's word: sentences, and of errors what `describeError` tells. */
export class ServiceLogger implements LoggerService {
  private readonly least: number;

  private constructor(
    private readonly form: Form,
    private readonly output: Output,
    private readonly scrubber: Scrubber,
    level: LogLevel | 'log',
  ) {
    this.least = LOG_LEVELS.indexOf(level === 'log' ? 'info' : level);
    logged.debug = this.least === 0;
  }

  /** Makes the log that the settings ask for. pino is loaded for JSON alone: it costs a start for people to read nothing. */
  static async create(
    settings: LogSettings & Partial<Parameters<typeof secretsOf>[0]>,
    origin: Origin,
    stream: Writable,
  ): Promise<ServiceLogger> {
    const scrubber = new Scrubber();
    scrubber.hide(secretsOf({ databaseUrl: null, redisUrl: null, tokenSecrets: [], adminPassword: null, ...settings }));
    scrubber.hide(secretsOfVariables(process.env));
    const lines: string[] = [];
    const makeForm = isJson(settings)
      ? await import('./json-form.js').then(
          ({ jsonForm }) =>
            (write: (line: string) => void) =>
              jsonForm(origin, write),
        )
      : textForm;
    // The line about what was dropped is made as any other.
    const make = makeForm((line) => lines.push(line));
    const output = new Output(stream, settings.logBuffer, (dropped) => {
      make(entryOf(new LogLine('log.dropped', `${dropped} lines were dropped`, { dropped }), 'Log'));
      return lines.pop() ?? '';
    });
    const form = makeForm((line) => output.write(scrubber.scrub(line)));
    return new ServiceLogger(form, output, scrubber, settings.logLevel);
  }

  /** Lets none of these get into a line from now on. */
  hide(secrets: readonly string[]): void {
    this.scrubber.hide(secrets);
  }

  /** Resolves when all lines have left the process, or after so many milliseconds. */
  flush(patience: number): Promise<void> {
    return this.output.flush(patience);
  }

  /** Writes a line about an event, from where there is no Nest. */
  write(event: LogEvent, sentence: string, fields: LogFields = {}, context?: string): void {
    this.put(entryOf(new LogLine(event, sentence, fields), context));
  }

  log(message: unknown, ...more: unknown[]): void {
    // What the framework tells of its own doing.
    this.take('debug', message, more);
  }

  debug(message: unknown, ...more: unknown[]): void {
    this.take('debug', message, more);
  }

  verbose(message: unknown, ...more: unknown[]): void {
    this.take('debug', message, more);
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.take('warn', message, more);
  }

  error(message: unknown, ...more: unknown[]): void {
    if (!THROWERS.includes(more.at(-1))) this.take('error', message, more);
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.take('fatal', message, more);
  }

  private take(level: LogLevel, message: unknown, more: readonly unknown[]): void {
    const context = more.at(-1);
    const named = typeof context === 'string' ? context : undefined;
    this.put(message instanceof LogLine ? entryOf(message, named) : foreignEntry(level, message, named));
  }

  private put(entry: Entry): void {
    if (LOG_LEVELS.indexOf(entry.level) >= this.least) this.form(entry);
  }
}

function entryOf(line: LogLine, context: string | undefined): Entry {
  const { level, event, sentence } = line;
  const { error, ...fields } = line.fields;
  return {
    level,
    ...(context !== undefined && { context }),
    event,
    message: sentence,
    fields,
    ...(error !== undefined && { error: describeError(error, { stack: helps(level) }) }),
  };
}

function foreignEntry(level: LogLevel, message: unknown, context: string | undefined): Entry {
  const error = message instanceof Error ? describeError(message, { stack: helps(level) }) : undefined;
  return {
    level,
    ...(context !== undefined && { context }),
    message: typeof message === 'string' ? message : error ? 'An error' : `[${typeof message}]`,
    fields: {},
    ...(error && { error }),
  };
}

/** A stack helps where nobody expected the error; of what comes and goes by itself it would only fill the log. */
function helps(level: LogLevel): boolean {
  return level === 'error' || level === 'fatal';
}
