import type { IncomingMessage } from 'node:http';

/** As much of a request as is looked at outside the endpoint. */
export interface ApiRequest extends Pick<IncomingMessage, 'headers' | 'socket'> {
  readonly protocol: string;
}

/** Who calls. What else it holds is the business of the strategy that made it. */
export interface Caller {
  /** Whose messages and recipients are meant: 1 to 64 letters, digits, dots, dashes or underscores. */
  readonly tenant: string;
}

/** What resolvers find as the GraphQL context of a request. */
export interface RequestContext {
  readonly caller: Caller;
  readonly request: ApiRequest;
}

/** A query or mutation that a caller asks for, by the name of its field in the schema. */
export interface Operation {
  readonly kind: 'query' | 'mutation';
  readonly field: string;
}

/**
 * Who may do what at the GraphQL API: an injection token and what stands behind it. By default these are the access keys of the
 * service, `AccessKeysStrategy`.
 */
export abstract class AccessStrategy<C extends Caller = Caller> {
  /**
   * Who sends a request. Asked once for each, before any of its body is read, introspection included.
   * @throws UnauthenticatedError when the request proves nobody, RateLimitedError when its sender tries too often,
   * UnavailableError when it can't be known at the moment
   */
  abstract authenticate(request: ApiRequest): Promise<C>;

  /**
   * Lets the caller do this, or throws. Called for each root field of an operation.
   * @throws ForbiddenError that says what is missing; any other error is masked
   */
  abstract authorize(caller: C, operation: Operation): void;
}
