import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { SettingValues } from '../config/settings.js';

const HEADER = 'X-Request-Id';
const FORM = /^[\w.-]{8,64}$/;

const current = new AsyncLocalStorage<string>();

/** Gives each request an id, which its answer bears in `X-Request-Id`: that which a trusted proxy gave it already, or a new one. */
export function requestIds({ trustedProxies }: Pick<SettingValues, 'trustedProxies'>): RequestHandler {
  return (request, response, next) => {
    const given = request.get(HEADER) ?? '';
    const peer = request.socket.remoteAddress ?? '';
    const id = FORM.test(given) && trustedProxies.some((range) => range.contains(peer)) ? given : randomUUID();
    response.set(HEADER, id);
    current.run(id, next);
  };
}

/** The id of the request that is being answered; a new one outside of any. */
export function requestId(): string {
  return current.getStore() ?? randomUUID();
}
