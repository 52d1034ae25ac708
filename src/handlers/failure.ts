import { describeError } from '../log/describe-error.js';

/** Of a stack so many characters are kept. */
const LONGEST_STACK = 4_000;

/**
 * What a queue is told of what a handler threw. Some names and messages mean something to BullMQ, what is no error at all it can't
 * take, and PostgreSQL can't store every text: each of them would leave the job where it is.
 */
export function failureOf(thrown: unknown): Error {
  const { type, message, stack = '' } = describeError(thrown, { stack: true });
  const failure = new Error(storable(`The handler failed: ${type}: ${message}`));
  failure.stack = storable(`${failure.message}\n${stack}`.slice(0, LONGEST_STACK));
  return failure;
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd');
}
