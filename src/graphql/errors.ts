import { HeaderMap } from '@apollo/server';
import { GraphQLError, type OperationTypeNode } from 'graphql';

/** The codes that `extensions.code` of an error can have. A client can act on each of them. */
export type ErrorCode =
  'BAD_USER_INPUT' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'RATE_LIMITED' | 'UNAVAILABLE' | 'INTERNAL_SERVER_ERROR';

/** An error whose sentence and code are meant for the caller. Everything else is masked. */
export abstract class ApiError extends GraphQLError {
  protected constructor(message: string, code: ErrorCode, extensions: Record<string, unknown> = {}) {
    super(message, { extensions: { code, ...extensions } });
  }
}

/** The input can't be used; nothing was stored. `extensions.field` is the path of the offending field. */
export class BadUserInputError extends ApiError {
  /**
   * @param field such as `input.recipients`
   * @param http another status of the answer than 200
   */
  constructor(message: string, field: string, http?: { readonly status: number }) {
    super(message, 'BAD_USER_INPUT', { field, ...(http && { http }) });
  }
}

/**
 * It is not known who calls: the access key, or what else proves a caller, is missing or not valid. Answered with HTTP 401, and the
 * challenge that RFC 9110 §15.5.2 asks for.
 */
export class UnauthenticatedError extends ApiError {
  /**
   * @param challenge the `WWW-Authenticate` of the answer, such as `Bearer`; by default `ApiKey`, since no scheme is registered for
   * keys in a header of their own
   */
  constructor(message: string, challenge = 'ApiKey') {
    super(message, 'UNAUTHENTICATED', { http: { status: 401, headers: header('www-authenticate', challenge) } });
  }
}

/** It is known who calls, but he may not do this. `extensions.scope` names what he lacks. */
export class ForbiddenError extends ApiError {
  /** @param scope what he lacks, in the words of the strategy */
  constructor(message: string, scope: string) {
    super(message, 'FORBIDDEN', { scope });
  }
}

/** A caller does something more often than it may. Answered with HTTP 429 and `Retry-After`. */
export class RateLimitedError extends ApiError {
  /** @param what is done too often, in the plural: the sentence begins with "Too many" */
  constructor(what: string, retryAfterSeconds: number) {
    super(`Too many ${what}. Try again in ${retryAfterSeconds} s.`, 'RATE_LIMITED', {
      http: { status: 429, headers: header('retry-after', String(retryAfterSeconds)) },
    });
  }
}

/** The database can't be reached, or was too slow. A mutation may have been stored: the commit's answer can be what was lost. */
export class UnavailableError extends ApiError {
  constructor(operation: `${OperationTypeNode}` = 'query') {
    super(
      operation === 'mutation'
        ? 'The service cannot reach its database at the moment. It is not known whether this was stored.'
        : 'The service cannot reach its database at the moment. Try again.',
      'UNAVAILABLE',
      { http: { status: 503, headers: header('retry-after', '1') } },
    );
  }
}

/** Apollo takes headers in its own class alone. */
function header(name: string, value: string): HeaderMap {
  const headers = new HeaderMap();
  headers.set(name, value);
  return headers;
}
