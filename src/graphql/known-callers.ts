import { json, type NextFunction, type Request, type Response } from 'express';
import { checkTenant } from '../config/tenant.js';
import type { AccessStrategy, Caller } from './access-strategy.js';
import { refuseOtherBodies } from './http-errors.js';

const callers = new WeakMap<object, Promise<Caller>>();

/** Who sends a request. Rejects when nobody knows, or nobody has asked. */
export async function callerOf(request: object): Promise<Caller> {
  const caller = callers.get(request);
  if (!caller) throw new Error('A request came to the endpoint past readKnownCallers');
  return caller;
}

/**
 * Finds out who sends a request to the endpoint, and reads the body of those alone who are known: a stranger must not
 * cost the memory and the time of megabytes of JSON. The endpoint says to the others why they are not known.
 */
export function readKnownCallers(access: AccessStrategy, maxBodyBytes: number) {
  const read = json({ limit: maxBodyBytes });
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const caller = authenticate(access, request);
    callers.set(request, caller);
    const known = await caller.then(
      () => true,
      () => false,
    );
    if (!known) next();
    else refuseOtherBodies(request, response, () => read(request, response, next));
  };
}

/** Also a strategy that throws at once only fails, and one that names no tenant does so before anything is done for it. */
async function authenticate(access: AccessStrategy, request: Request): Promise<Caller> {
  const caller = await access.authenticate(request);
  checkTenant(caller.tenant);
  return caller;
}
