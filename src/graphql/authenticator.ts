import type { IncomingHttpHeaders } from 'node:http';

/** Who calls. What it holds is the business of whoever implements `Authenticator`. */
export interface Caller {
  readonly tenant: string;
}

/** What resolvers find as the GraphQL context of a request. */
export interface RequestContext {
  readonly caller: Caller;
  readonly request: { headers: IncomingHttpHeaders; protocol: string };
}

/** Decides who calls, before any document is parsed, introspection included. `app.module.ts` says which one is used. */
export abstract class Authenticator {
  /** @throws UnauthenticatedError when the headers prove nobody. */
  abstract authenticate(headers: IncomingHttpHeaders): Promise<Caller>;
}
