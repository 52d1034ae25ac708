import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An IP address, or a range of them in CIDR form. IPv4-mapped IPv6 addresses are the IPv4 addresses that they carry. */
export class AddressRange {
  constructor(
    private readonly network: Address,
    private readonly bits: number,
  ) {}

  /** Whether the address, given as text, lies in this range. Text that is no address lies in none. */
  contains(address: string): boolean {
    const parsed = parseAddress(address);
    return parsed !== null && parsed.kind() === this.network.kind() && parsed.match([this.network, this.bits] as never);
  }
}

/** Reads `10.0.0.1`, `::1`, `10.0.0.0/8` or `2001:db8::/32`. @throws Error when it is none of them. */
export function parseAddressRange(text: string): AddressRange {
  const [address = '', bits, rest] = text.split('/');
  const network = parseAddress(address);
  if (!network || rest !== undefined) throw new Error('not an IP address');
  const widest = network.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return new AddressRange(network, widest);
  const mapped = address.includes(':') && network.kind() === 'ipv4' ? 96 : 0;
  const length = Number(bits) - mapped;
  if (!/^\d{1,3}$/.test(bits) || length < 0 || length > widest) throw new Error('not a CIDR range');
  return new AddressRange(network, length);
}

/** Whether the address lies in the range, where both are text. Text that is no range holds no address. */
export function liesIn(range: string, address: string): boolean {
  try {
    return parseAddressRange(range).contains(address);
  } catch {
    return false;
  }
}

/** Whether the address lies in any of the ranges. */
export function isWithin(address: string, ranges: readonly AddressRange[]): boolean {
  return ranges.some((range) => range.contains(address));
}

/**
 * What an address counts as where addresses are counted: an IPv4 address as itself, an IPv6 address as its network of
 * 64 bits, since whoever has one address of it has all of them.
 */
export function addressGroup(text: string): string {
  const address = parseAddress(text);
  return address instanceof ipaddr.IPv6 ? address.parts.slice(0, 4).join(':') : String(address);
}

function parseAddress(text: string): Address | null {
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.process(text);
}
