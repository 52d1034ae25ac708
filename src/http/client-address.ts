import type { IncomingMessage } from 'node:http';
import type { AddressRange } from '../config/address-range.js';

/** `203.0.113.7:5555`, `[2001:db8::7]:5555` or `[2001:db8::7]`, as some proxies write an address. */
const PORT = /^(?:([\d.]+):\d+|\[(.+)\](?::\d+)?)$/;

/**
 * The address of the client: that of the socket, or, as long as it is a trusted proxy's, the one that this proxy
 * appended to `X-Forwarded-For`. The header is read from its right end, since everything left of what a trusted proxy
 * wrote may be the client's own invention. A port behind an address is left out.
 */
export function clientAddress(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  trustedProxies: readonly AddressRange[],
): string {
  const trusted = (address: string) => trustedProxies.some((range) => range.contains(address));
  let address = request.socket.remoteAddress ?? '';
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((item) => item.trim().replace(PORT, '$1$2'))
    .filter((item) => item !== '');
  while (trusted(address) && forwarded.length > 0) address = forwarded.pop() as string;
  return address;
}
