import type { IncomingMessage } from 'node:http';
import { isWithin } from '../config/address-range.js';
import type { SettingValues } from '../config/settings.js';

/** Text in which an address that nobody knows is told. It is no address, so it lies in no range. */
const UNKNOWN = 'unknown';

/**
 * The address of the client: that of the socket, or, as long as it is a trusted proxy's, the one that this proxy
 * appended to the header that `FORWARDED_HEADER` names. The header is read from its right end, since everything left of
 * what a trusted proxy wrote may be the client's own invention.
 */
export function clientAddress(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  { trustedProxies, forwardedHeader }: Pick<SettingValues, 'trustedProxies' | 'forwardedHeader'>,
): string {
  const trusted = (address: string) => isWithin(address, trustedProxies);
  let address = request.socket.remoteAddress ?? '';
  if (!trusted(address)) return address;
  const header = String(request.headers[forwardedHeader] ?? '');
  const hops = forwardedHeader === 'forwarded' ? forwardedFor(header) : listed(header);
  while (trusted(address) && hops.length > 0) address = hops.pop() as string;
  return address;
}

/** The addresses of an `X-Forwarded-For`. */
function listed(header: string): string[] {
  return header
    .split(',')
    .map((item) => withoutPort(item.trim()))
    .filter((item) => item !== '');
}

/** One `name=value` of a `Forwarded` header and what follows it: another of the same hop, the next hop, or the end. */
const PAIR = /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))[ \t]*([;,]|$)/y;

/** The addresses of a `Forwarded` (RFC 7239), in which a hop may hide its own. A malformed one tells of nobody. */
function forwardedFor(header: string): string[] {
  if (header.trim() === '') return [];
  const hops = [UNKNOWN];
  for (let end = 0; end < header.length;) {
    PAIR.lastIndex = end;
    const match = PAIR.exec(header);
    if (!match) return [UNKNOWN];
    const [, name = '', quoted, bare = '', separator] = match;
    if (name.toLowerCase() === 'for') hops[hops.length - 1] = withoutPort(quoted ?? bare);
    if (separator === ',') hops.push(UNKNOWN);
    end = PAIR.lastIndex;
  }
  return hops;
}

/** `[2001:db8::1]:80` and `192.0.2.1:80` as the addresses they hold; anything else as it is. */
function withoutPort(text: string): string {
  return /^\[([\da-f:.]+)\](?::\w+)?$/i.exec(text)?.[1] ?? /^([\d.]+):\w+$/.exec(text)?.[1] ?? text;
}
