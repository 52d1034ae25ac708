import type { IncomingHttpHeaders } from 'node:http';
import { normalizeOrigin } from '../config/origin.js';

/**
 * Whether a request that changes something comes from a page of this service. A browser says so in `Sec-Fetch-Site`, where it speaks to
 * a host that it trusts, and in `Origin`; a request that says neither comes from no page that we know.
 */
export function isSameOrigin(
  headers: IncomingHttpHeaders,
  { host, publicUrl }: { readonly host: string; readonly publicUrl: string | null },
): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (headers.origin === undefined) return site === 'same-origin';
  const origin = normalizeOrigin(headers.origin);
  // The scheme is that of the proxy before this service, which may tell it or not.
  return origin !== null && (origin === publicUrl || new URL(origin).host === hostOf(host, origin));
}

/** The host of a request as an origin of that scheme names it. */
function hostOf(host: string, origin: string): string | null {
  const own = normalizeOrigin(`${new URL(origin).protocol}//${host}`);
  return own === null ? null : new URL(own).host;
}
