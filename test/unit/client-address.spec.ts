import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseAddressRange } from '../../src/config/address-range.js';
import { clientAddress } from '../../src/http/client-address.js';

describe('a range of addresses', () => {
  it.each([
    [
      '203.0.113.7',
      ['203.0.113.7', '::ffff:203.0.113.7', '::FFFF:cb00:7107'],
      ['203.0.113.8', '::cb00:7107', '203.0.113.70'],
    ],
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'], ['9.255.255.255', '11.0.0.0']],
    ['10.1.2.3/8', ['10.200.0.1'], ['11.0.0.1']],
    ['10.0.0.0/31', ['10.0.0.0', '10.0.0.1'], ['10.0.0.2']],
    ['10.0.0.7/32', ['10.0.0.7'], ['10.0.0.6']],
    ['0.0.0.0/0', ['1.2.3.4', '::ffff:1.2.3.4'], ['::1', '2001:db8::1']],
    ['::1', ['::1', '0:0:0:0:0:0:0:1', '0000:0000:0000:0000:0000:0000:0000:0001'], ['::2', '127.0.0.1', '0.0.0.1']],
    ['2001:db8::/32', ['2001:db8::', '2001:DB8:ffff:ffff:ffff:ffff:ffff:ffff'], ['2001:db9::', '2001:db7:ffff::']],
    ['::/0', ['::1', '2001:db8::1'], ['1.2.3.4', '::ffff:1.2.3.4']],
    ['::ffff:10.0.0.0/104', ['10.9.9.9', '::ffff:10.9.9.9'], ['11.0.0.0']],
    ['::ffff:203.0.113.7', ['203.0.113.7'], ['203.0.113.8']],
  ])('%s contains what lies in it and nothing else', (range, inside, outside) => {
    const parsed = parseAddressRange(range);
    for (const address of inside) expect(parsed.contains(address), address).toBe(true);
    for (const address of outside) expect(parsed.contains(address), address).toBe(false);
  });

  it('contains no text that is no address', () => {
    for (const range of ['0.0.0.0/0', '::/0'])
      for (const text of [
        '',
        ' ',
        'localhost',
        '1.2.3',
        '1.2.3.4.5',
        '01.2.3.4',
        '0x1.2.3.4',
        '16909060',
        '1.2.3.4/32',
        '1.2.3.4:80',
        '[::1]',
        ':::1',
        '1.2.3.4 ',
        '1.2.3.4\u0000',
      ])
        expect(parseAddressRange(range).contains(text), text).toBe(false);
  });

  it.each([
    '',
    ' ',
    '/',
    '/8',
    'localhost',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    '10.0.0.0/8 ',
    '10.0.0.0/ 8',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.*',
    '::1/129',
    '::ffff:10.0.0.0/95',
    '::g',
    '1::2::3',
    'a'.repeat(100_000),
  ])('is not written as %j', (text) => {
    expect(() => parseAddressRange(text)).toThrow(/^not an? (?:IP address|CIDR range)$/);
  });
});

describe('the address of a client', () => {
  const trustedProxies = ['10.0.0.0/8', '::1'].map(parseAddressRange);
  const address = (remoteAddress: string | undefined, forwarded?: string | string[]) =>
    clientAddress(
      { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage,
      { trustedProxies, forwardedHeader: 'x-forwarded-for' },
    );

  it.each([
    ['that of the socket, without a header', '203.0.113.7', undefined, '203.0.113.7'],
    ['that of the socket, which is no trusted proxy', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['that which the proxy appended', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    [
      'that which the proxy appended, not what the client invented',
      '10.0.0.1',
      '192.0.2.1, 198.51.100.1',
      '198.51.100.1',
    ],
    ['that before a chain of proxies', '10.0.0.1', '198.51.100.1, 10.0.0.3,10.0.0.2', '198.51.100.1'],
    [
      'that before a chain of proxies, not what a stranger says of one',
      '10.0.0.1',
      '10.0.0.9, 198.51.100.1, 10.0.0.2',
      '198.51.100.1',
    ],
    ['the last proxy, when all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['that of the proxy, when the header is empty', '10.0.0.1', '', '10.0.0.1'],
    ['that of the proxy, when the header has commas alone', '10.0.0.1', ' , ,', '10.0.0.1'],
    ['that which a proxy in IPv4-mapped form appended', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['an IPv6 address', '::1', '2001:db8::7', '2001:db8::7'],
    ['an IPv4 address without its port', '10.0.0.1', '198.51.100.1:5555', '198.51.100.1'],
    ['an IPv6 address without its port', '10.0.0.1', '[2001:db8::7]:5555', '2001:db8::7'],
    ['an IPv6 address without its brackets', '10.0.0.1', '[2001:db8::7]', '2001:db8::7'],
    ['that before proxies that write ports', '10.0.0.1', '198.51.100.1:1, [::1]:5555,10.0.0.2:80', '198.51.100.1'],
    ['the text of the proxy, when that is no address', '10.0.0.1', '198.51.100.1, unknown', 'unknown'],
    ['nothing, when the socket is gone', undefined, '198.51.100.1', ''],
  ])('is %s', (_what, socket, forwarded, expected) => {
    expect(address(socket, forwarded)).toBe(expected);
  });

  it('is that of the socket when nobody is trusted', () => {
    const request = { socket: { remoteAddress: '10.0.0.1' }, headers: { 'x-forwarded-for': '198.51.100.1' } };
    expect(
      clientAddress(request as unknown as IncomingMessage, { trustedProxies: [], forwardedHeader: 'x-forwarded-for' }),
    ).toBe('10.0.0.1');
  });

  it.each([
    ['for=198.51.100.1', '198.51.100.1'],
    ['For="198.51.100.1:4711"', '198.51.100.1'],
    ['for="[2001:db8::7]:4711";proto=https;by=10.0.0.1', '2001:db8::7'],
    ['proto=https;for="[2001:db8::7]"', '2001:db8::7'],
    ['for=192.0.2.1, for=198.51.100.1;host="push.example.com"', '198.51.100.1'],
    ['for=198.51.100.1,for=10.0.0.3 ,\tfor=10.0.0.2', '198.51.100.1'],
    ['for=198.51.100.1;host="a, for=192.0.2.1;b=\\"c"', '198.51.100.1'],
    ['', '10.0.0.1'],
    ['for=192.0.2.1, proto=https', 'unknown'],
    ['for=192.0.2.1, for=unknown', 'unknown'],
    ['for=192.0.2.1, for=_hidden', '_hidden'],
    ['for=", for=198.51.100.1', 'unknown'],
    ['for=192.0.2.1;a=", for=198.51.100.1;host="x"', 'unknown'],
    ['for=198.51.100.1;', '198.51.100.1'],
    ['192.0.2.1', 'unknown'],
    [`${'for=10.0.0.2,'.repeat(1_000)} for=198.51.100.1`, '198.51.100.1'],
  ])('is read from the Forwarded header %j as %s', (forwarded, expected) => {
    const request = {
      socket: { remoteAddress: '10.0.0.1' },
      headers: { forwarded, 'x-forwarded-for': '192.0.2.66' },
    } as unknown as IncomingMessage;
    expect(clientAddress(request, { trustedProxies, forwardedHeader: 'forwarded' })).toBe(expected);
  });

  it('is not read from a Forwarded header that the proxies only let through', () => {
    const request = {
      socket: { remoteAddress: '10.0.0.1' },
      headers: { forwarded: 'for=192.0.2.66', 'x-forwarded-for': '198.51.100.1' },
    } as unknown as IncomingMessage;
    expect(clientAddress(request, { trustedProxies, forwardedHeader: 'x-forwarded-for' })).toBe('198.51.100.1');
  });
});
