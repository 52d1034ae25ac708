import { parseAddressRange } from '../config/address-range.js';
import { normalizeOrigin } from '../config/origin.js';

/** Both travel in the token, and so in the address of every connection. The longest that mean something are shorter. */
const LONGEST_ADDRESS = 64;
const LONGEST_ORIGIN = 300;

/** What is said of an address from which nobody can be told to connect. */
export const ADDRESS_MISTAKE = `must be an IP address or a CIDR range, of at most ${LONGEST_ADDRESS} characters`;
/** What is said of an origin from which nobody can be told to connect. */
export const ORIGIN_MISTAKE = `must be an origin such as https://example.org, without * and of at most ${LONGEST_ORIGIN} characters`;

/** Whether a recipient can be told to connect from there alone. */
export function isAddressRange(value: unknown): boolean {
  try {
    return typeof value === 'string' && value.length <= LONGEST_ADDRESS && parseAddressRange(value) !== undefined;
  } catch {
    return false;
  }
}

/** The same of an origin. A browser never sends a `*`: who writes one means many origins, and would let nobody in. */
export function isOrigin(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_ORIGIN &&
    !value.includes('*') &&
    normalizeOrigin(value) !== null
  );
}
