import { json, type NextFunction, type Request, type Response } from 'express';
import type { Authenticator, Caller } from './authenticator.js';

/** Who sends a request. Rejects when nobody knows. */
export const callers = new WeakMap<object, Promise<Caller>>();

/**
 * Finds out who sends a request to the endpoint, and reads the body of those alone who are known: a stranger must not
 * cost the memory and the time of megabytes of JSON. The endpoint says to the others why they are not known.
 */
export function readKnownCallers(authenticator: Authenticator, maxBodyBytes: number) {
  const read = json({ limit: maxBodyBytes });
  return (request: Request, response: Response, next: NextFunction): void => {
    const caller = authenticator.authenticate(request.headers);
    callers.set(request, caller);
    caller.then(
      () => read(request, response, next),
      () => next(),
    );
  };
}
