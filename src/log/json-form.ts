import { pino, stdTimeFunctions } from 'pino';
import type { Form, Origin } from './form.js';

/**
 * One JSON object a line, for programs that read it: `level`, `time` (ISO 8601, UTC), `pid`, `node`, `context`, `event`, the fields of
 * the event, `err` and `msg`.
 */
export function jsonForm({ pid, node }: Origin, write: (line: string) => void): Form {
  const logger = pino(
    {
      // What is not to be written does not come this far.
      level: 'debug',
      base: { pid, node },
      timestamp: stdTimeFunctions.isoTime,
      // An error comes as what may be told of it; pino would take that for an error, too.
      serializers: { err: (told: unknown) => told },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  return ({ level, context, event, message, fields, error }) =>
    logger[level]({ context, event, ...fields, err: error }, message);
}
