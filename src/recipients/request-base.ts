import type { ApiRequest } from '../graphql/authenticator.js';

const HOST_FORM = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/** The address at which a request reached the service, from its Host header; localhost when that is missing or malformed. */
export function requestBase(request: ApiRequest): string {
  const host = request.headers.host ?? '';
  const scheme = request.protocol === 'https' ? 'https' : 'http';
  const base = `${scheme}://${HOST_FORM.test(host) ? host : 'localhost'}`;
  return URL.canParse(base) ? base : `${scheme}://localhost`;
}
