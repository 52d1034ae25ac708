import type { IncomingMessage } from 'node:http';

/** As much of a request as is looked at outside the endpoint. */
export interface ApiRequest extends Pick<IncomingMessage, 'headers' | 'socket'> {
  readonly protocol: string;
}

/** Who calls. What it holds is the business of whoever implements `Authenticator`. */
export interface Caller {
  readonly tenant: string;
}

/** What resolvers find as the GraphQL context of a request. */
export interface RequestContext {
  readonly caller: Caller;
  readonly request: ApiRequest;
}

/** Decides who calls, before any document is parsed, introspection included. `app.module.ts` says which one is used. */
export abstract class Authenticator {
  /** @throws UnauthenticatedError when the request proves nobody, RateLimitedError when its sender tries too often. */
  abstract authenticate(request: ApiRequest): Promise<Caller>;
}
