import { describe, expect, it } from 'vitest';
import { normalizeOrigin } from '../../src/config/origin.js';

describe('an origin', () => {
  it.each([
    ['http://example.org', 'http://example.org'],
    ['https://example.org', 'https://example.org'],
    ['HTTPS://Example.ORG', 'https://example.org'],
    ['https://example.org/', 'https://example.org'],
    ['https://example.org:443', 'https://example.org'],
    ['http://example.org:80/', 'http://example.org'],
    ['https://example.org:80', 'https://example.org:80'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://127.0.0.1', 'http://127.0.0.1'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
  ])('written as %s is compared as %s', (text, expected) => {
    expect(normalizeOrigin(text)).toBe(expected);
    expect(normalizeOrigin(expected)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'null',
    'example.org',
    '//example.org',
    'https:example.org',
    'https:/example.org',
    'https://',
    'https:///',
    'ftp://example.org',
    'ws://example.org',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://example.org/page',
    'https://example.org//',
    'https://example.org?x',
    'https://example.org#x',
    'https://user@example.org',
    'https://example.org@example.com',
    'https://example.org\\.example.com',
    'https://exam ple.org',
    ' https://example.org',
    'https://example.org ',
    'https://example.org\n',
    'https://a, https://b',
    'https://example.org:99999',
    'https://example.org:x',
    'https://[::1',
    'https://\u0000',
    'https://exa\u0000mple.org',
    'https://exa<mple.org',
    'https://\ud800',
  ])('is not written as %j', (text) => {
    expect(normalizeOrigin(text)).toBeNull();
  });

  it('tells schemes, ports and subdomains apart', () => {
    const origins = ['http://a.org', 'https://a.org', 'https://a.org:8443', 'https://b.a.org', 'https://a.org.b'];
    expect(new Set(origins.map(normalizeOrigin)).size).toBe(origins.length);
  });
});
