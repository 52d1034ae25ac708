import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { requestIdOf } from '../http/request-id.js';
import type { Log } from '../log/log.js';
import { ApiError } from './errors.js';

/** Codes of Apollo's own errors that are the caller's doing and say nothing about the inside of the service. */
const CALLERS_MISTAKES: readonly unknown[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
];

/** Gives errors the shape that callers see. What is not meant for them is masked, and logged under the id of the request, which they see too. */
export function formatErrors(log: Log): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const original = unwrapResolverError(error);
    const known =
      original instanceof ApiError
        ? original
        : error instanceof GraphQLError && error.originalError instanceof ApiError
          ? error.originalError
          : null;
    if (known) return { ...formatted, message: formatted.message, extensions: publicExtensions(known.extensions) };
    if (CALLERS_MISTAKES.includes(formatted.extensions?.code)) {
      const message = isStackOverflow(error) ? 'The document is nested too deeply.' : formatted.message;
      return { ...formatted, message, extensions: publicExtensions(formatted.extensions ?? {}) };
    }
    const id = requestIdOf(original);
    log.write('request.failed', 'Something went wrong that nobody expected', { requestId: id, error: original });
    return {
      message: `Something went wrong here. If you report it, name ${id}.`,
      ...(formatted.path && { path: formatted.path }),
      extensions: { code: 'INTERNAL_SERVER_ERROR', id },
    };
  };
}

/** The parser goes down into a document by calling itself. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof GraphQLError && isStackOverflow(error.originalError));
}

function publicExtensions({
  http: _http,
  stacktrace: _stacktrace,
  ...extensions
}: Record<string, unknown>): Record<string, unknown> {
  return extensions;
}
