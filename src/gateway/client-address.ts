import type { IncomingMessage } from 'node:http';
import type { AddressRange } from '../config/address-range.js';

/**
 * The address of the client: that of the socket, or, as long as it is a trusted proxy's, the one that this proxy
 * appended to `X-Forwarded-For`. The header is read from its right end, since everything left of what a trusted proxy
 * wrote may be the client's own invention.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: readonly AddressRange[]): string {
  const trusted = (address: string) => trustedProxies.some((range) => range.contains(address));
  let address = request.socket.remoteAddress ?? '';
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  while (trusted(address) && forwarded.length > 0) address = forwarded.pop() as string;
  return address;
}
