import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { isWithin } from '../config/address-range.js';
import type { SettingValues } from '../config/settings.js';

/** The header that bears the id of a request. */
export const REQUEST_ID = 'X-Request-Id';
const FORM = /^[\w.-]{8,64}$/;

/** The ids of requests, and of the errors that happened in them. Context that follows every promise would cost each push a tenth more. */
const ids = new WeakMap<object, string>();

/** Gives each request an id, which its answer bears in `X-Request-Id`. */
export function requestIds(settings: Pick<SettingValues, 'trustedProxies'>): RequestHandler {
  return (request, response, next) => {
    response.set(REQUEST_ID, giveRequestId(request, settings));
    next();
  };
}

/** Gives a request its id: that which a trusted proxy gave it already, or a new one. */
export function giveRequestId(
  request: IncomingMessage,
  { trustedProxies }: Pick<SettingValues, 'trustedProxies'>,
): string {
  const given = request.headers[REQUEST_ID.toLowerCase()];
  const peer = request.socket.remoteAddress ?? '';
  const id = typeof given === 'string' && FORM.test(given) && isWithin(peer, trustedProxies) ? given : randomUUID();
  ids.set(request, id);
  return id;
}

/** The id of a request, or of the request in which an error happened; a new one where none is known. */
export function requestIdOf(requestOrError: unknown): string {
  return ids.get(requestOrError as object) ?? randomUUID();
}

/** Lets an error bear the id of the request in which it happened. */
export function markError(error: unknown, request: object): void {
  if (typeof error === 'object' && error !== null) ids.set(error, requestIdOf(request));
}
