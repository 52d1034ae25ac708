import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { isWithin } from '../config/address-range.js';
import type { SettingValues } from '../config/settings.js';

const HEADER = 'X-Request-Id';
const FORM = /^[\w.-]{8,64}$/;

/** The ids of requests, and of the errors that happened in them. Context that follows every promise would cost each push a tenth more. */
const ids = new WeakMap<object, string>();

/** Gives each request an id, which its answer bears in `X-Request-Id`: that which a trusted proxy gave it already, or a new one. */
export function requestIds({ trustedProxies }: Pick<SettingValues, 'trustedProxies'>): RequestHandler {
  return (request, response, next) => {
    const given = request.get(HEADER) ?? '';
    const peer = request.socket.remoteAddress ?? '';
    const id = FORM.test(given) && isWithin(peer, trustedProxies) ? given : randomUUID();
    response.set(HEADER, id);
    ids.set(request, id);
    next();
  };
}

/** The id of a request, or of the request in which an error happened; a new one where none is known. */
export function requestIdOf(requestOrError: unknown): string {
  return ids.get(requestOrError as object) ?? randomUUID();
}

/** Lets an error bear the id of the request in which it happened. */
export function markError(error: unknown, request: object): void {
  if (typeof error === 'object' && error !== null) ids.set(error, requestIdOf(request));
}
