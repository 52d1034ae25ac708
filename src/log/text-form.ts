import { describeError, type ErrorFields } from './describe-error.js';
import type { Form } from './form.js';
import type { LogLine } from './log-line.js';

/** What would steer a terminal, or begin another line. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A line for people to read: `11:45:21.003 WARN  Queue The queue takes no events: connect ECONNREFUSED (queue.down)`. */
export function textForm(write: (line: string) => void): Form {
  return ({ level, context, event, message, fields, error }) => {
    const said = error ? `${message}: ${wordsOf(error)}` : message;
    const line = [
      new Date().toISOString().slice(11, -1),
      level.toUpperCase().padEnd(5),
      ...(context === undefined ? [] : [context]),
      said.replace(CONTROL, ' '),
      ...(event === undefined ? [] : [factsOf(event, fields)]),
    ].join(' ');
    write(`${line}\n${error?.stack === undefined ? '' : `${error.stack.replace(/^/gm, '    ')}\n`}`);
  };
}

/** A line as a sentence, for a logger that adds the time, the level and the context itself. */
export function sentenceOf({ event, sentence, fields: { error, ...fields } }: LogLine): string {
  const said = error === undefined ? sentence : `${sentence}: ${wordsOf(describeError(error, { stack: false }))}`;
  return `${said.replace(CONTROL, ' ')} ${factsOf(event, fields)}`;
}

function factsOf(event: string, fields: Readonly<Record<string, unknown>>): string {
  const more = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${String(value)}`);
  return `(${[event, ...more].join(' ').replace(CONTROL, ' ')})`;
}

function wordsOf({ type, code, message }: ErrorFields): string {
  return `${type}: ${message}${code === undefined || message.includes(code) ? '' : ` [${code}]`}`;
}
