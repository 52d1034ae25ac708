import type { ApiRequest } from '../graphql/access-strategy.js';

const HOST_FORM = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** The address at which a request reached the service, from its Host header; null when that is missing or malformed. */
export function requestBase(request: ApiRequest): string | null {
  const host = request.headers.host ?? '';
  const base = `${request.protocol === 'https' ? 'https' : 'http'}://${host}`;
  return HOST_FORM.test(host) && URL.canParse(base) ? base : null;
}
