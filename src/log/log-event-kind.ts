/** How severe a line is, from the least. `LOG_LEVEL` names the least severe one that is written. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a kind of line says to whoever reads it. */
export interface Kind {
  readonly level: LogLevel;
  readonly meaning: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly act: string;
}

/** What to do about what the database is the reason of. */
export const PASSES = 'Nothing, if it ends by itself. ';
