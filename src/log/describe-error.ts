/** What the log says of an error. */
export interface ErrorFields {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
}

const LONGEST_MESSAGE = 500;
const MOST_FRAMES = 30;

/**
 * SQLSTATE classes whose messages name objects of the database and states of the server, and no value: the connection,
 * states of transactions, logins, constraints, names and syntax, resources, locks, operators, the system. Those of class 22
 * (data exceptions) quote what they could not use.
 */
const NAMES_NO_VALUE = /^(?:08|23|25|28|3D|3F|40|42|53|54|55|57|58)[0-9A-Z]{3}$/;
/** From the first quote that opens something to the last that may close it, or to the end. */
const QUOTED = /(^|[\s(:=[,{.])["'`](?:[^]*["'`]|[^]*$)/;
const FRAME = /^ +at .*(?::\d+:\d+|<anonymous>|native)\)?$/;

/**
 * What may be said of an error. Libraries repeat in their messages what they could not use, a message's text perhaps: what
 * they quote is left out, and so is everything that an error bears besides (the parameters of a statement, the row that failed).
 */
export function describeError(error: unknown, { stack }: { readonly stack: boolean }): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: 'Something was thrown that is no error' };
  const { code } = error as { code?: unknown };
  const frames = stack ? framesOf(error) : '';
  return {
    type: error.name === 'error' ? error.constructor.name : error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
    message: messageOf(error),
    ...(frames !== '' && { stack: frames }),
  };
}

/** The sentence of an error without what it repeats of its input. */
export function messageOf(error: unknown): string {
  const { message, code, syscall, name } = error as Partial<NodeJS.ErrnoException>;
  // An attempt at several addresses has a code and no message.
  if (!message) return code ?? name ?? '';
  const isTold = syscall !== undefined || (typeof code === 'string' && NAMES_NO_VALUE.test(code));
  const said = name === 'GraphQLError' ? (message.split(':', 1)[0] ?? '') : message;
  return isTold ? shorten(said) : withoutQuotes(said);
}

/** A sentence of a library without what it quotes. */
export function withoutQuotes(sentence: string): string {
  return shorten(sentence.replace(QUOTED, '$1…'));
}

function shorten(text: string): string {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}

/** The stack without the message that it begins with. */
function framesOf({ stack = '', name, message }: Error): string {
  const head = `${name}: ${message}`;
  const lines = (stack.startsWith(head) ? stack.slice(head.length) : stack).split('\n');
  return lines
    .filter((line) => FRAME.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => line.trim())
    .join('\n');
}
