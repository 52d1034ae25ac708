import type { ServiceLogger } from './service-logger.js';
import { messageOf, withoutQuotes } from './describe-error.js';

/**
 * Takes the variable that makes libraries print what they do, passwords and texts included. To be called before they are
 * loaded. Gives whether it was set.
 */
export function ignoreDebugVariable(): boolean {
  const isSet = (process.env['DEBUG'] ?? '') !== '';
  delete process.env['DEBUG'];
  return isSet;
}

/** Makes lines of the log of what libraries and Node itself would print: sentences, and of values nothing but their kind. */
export function adoptForeignOutput(logger: ServiceLogger): void {
  const say = (...parts: unknown[]): void => logger.write('library.said', parts.map(told).join(' '));
  Object.assign(console, { log: say, info: say, warn: say, error: say, debug: say, trace: say, dir: say, table: say });
  process.removeAllListeners('warning');
  process.on('warning', (warning) => logger.write('process.warning', 'Node.js warns', { error: warning }));
}

function told(part: unknown): string {
  if (typeof part === 'string') return withoutQuotes(part);
  return part instanceof Error ? messageOf(part) : `[${typeof part}]`;
}
