import { describe, expect, it } from 'vitest';
import { isSameOrigin } from '../../src/admin/same-origin.js';

describe('a request comes from our own page', () => {
  const at = { host: 'push.example.com', publicUrl: 'https://push.example.com' };

  it.each([
    ['when its origin has the host that it is sent to', { origin: 'https://push.example.com' }, at],
    [
      'when a proxy does not tell that it speaks TLS',
      { origin: 'https://push.example.com' },
      { ...at, publicUrl: null },
    ],
    [
      'when the port is that of its scheme',
      { origin: 'https://push.example.com' },
      { host: 'push.example.com:443', publicUrl: null },
    ],
    [
      'when a proxy sends it on with another host',
      { origin: 'https://push.example.com' },
      { ...at, host: 'node-1:3000' },
    ],
    ['when the browser says so', { 'sec-fetch-site': 'same-origin' }, at],
  ])('%s', (_when, headers, where) => {
    expect(isSameOrigin(headers, where)).toBe(true);
  });

  it.each([
    ['when nothing tells', {}],
    ['when its origin hides', { origin: 'null' }],
    ['when its origin is another host', { origin: 'https://push.example.com.evil.com' }],
    ['when its origin has another port', { origin: 'https://push.example.com:8443' }],
    ['when the browser says that it is not', { 'sec-fetch-site': 'same-site', origin: 'https://push.example.com' }],
    ['when it was typed in', { 'sec-fetch-site': 'none' }],
  ])('but not %s', (_when, headers) => {
    expect(isSameOrigin(headers, at)).toBe(false);
  });
});
