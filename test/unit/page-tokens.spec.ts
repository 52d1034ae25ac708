import { describe, expect, it } from 'vitest';
import { Seal } from '../../src/access/seal.js';
import { TokenSecrets } from '../../src/config/config.module.js';
import { type PagedQuery, PageTokens } from '../../src/paging/page-tokens.js';

const SECRET = { id: 'a', secret: 'a secret of 32 characters or more' };
const OTHER = { id: 'b', secret: 'another secret of 32 characters..' };
const tokens = new PageTokens(new TokenSecrets([SECRET]));
const QUERY: PagedQuery = {
  tenant: 'acme',
  query: 'messages',
  filter: { recipient: 'ann', createdAt: { from: '2023-07-18', to: '2023-07-19' } },
};
const PLACE = ['7', '8'];
const REFUSED = 'nextToken is not one that this query gave out for this filter.';

describe('a page token', () => {
  it('gives back where the page begins, for the query it was made for', () => {
    for (const before of [['1'], ['2023-07-18 15:00:00.123+00', '9223372036854775807']])
      expect(tokens.read(QUERY, tokens.make(QUERY, before))).toEqual(before);
  });

  it.each([
    ['keys in another order', { createdAt: { to: '2023-07-19', from: '2023-07-18' }, recipient: 'ann' }],
    ['null for what was left out', { ...(QUERY.filter as object), topic: null, globalMessageId: undefined }],
    ['an instance of a class', Object.assign(new (class Filter {})(), QUERY.filter)],
  ])('is good for a filter that means the same: %s', (_what, filter) => {
    expect(tokens.read({ ...QUERY, filter }, tokens.make(QUERY, PLACE))).toEqual(PLACE);
  });

  it.each([
    ['another tenant', { ...QUERY, tenant: 'other' }],
    ['another query', { ...QUERY, query: 'globalMessages' }],
    ['no filter', { ...QUERY, filter: {} }],
    ['another recipient', { ...QUERY, filter: { ...(QUERY.filter as object), recipient: 'Ann' } }],
    ['a condition more', { ...QUERY, filter: { ...(QUERY.filter as object), topic: 'ann' } }],
    ['another end of the range', { ...QUERY, filter: { recipient: 'ann', createdAt: { from: '2023-07-18' } } }],
    [
      'ends that changed places',
      { ...QUERY, filter: { recipient: 'ann', createdAt: { from: '2023-07-19', to: '2023-07-18' } } },
    ],
    [
      'the value under another name',
      { ...QUERY, filter: { topic: 'ann', createdAt: { from: '2023-07-18', to: '2023-07-19' } } },
    ],
  ])('is bad input for %s', (_what, query) => {
    expect(() => tokens.read(query, tokens.make(QUERY, PLACE))).toThrow(REFUSED);
  });

  it('is bad input when it was changed, cut, made up, or sealed by others or for another purpose', () => {
    const token = tokens.make(QUERY, PLACE);
    const bytes = Buffer.from(token, 'base64url');
    for (let i = 0; i < bytes.length; i += 1) {
      for (let difference = 1; difference < 256; difference += 1) {
        const changed = Buffer.from(bytes);
        changed[i]! ^= difference;
        expect(() => tokens.read(QUERY, changed.toString('base64url')), `byte ${i}`).toThrow(REFUSED);
      }
    }
    const sealed = new Seal([SECRET], 'page-token').open(token)!;
    for (const text of [
      '',
      token.slice(0, -1),
      'nonsense',
      '\u0000',
      new Seal([OTHER], 'page-token').seal(sealed),
      new Seal([SECRET], 'recipient-token').seal(sealed),
      // As a version before this one made them.
      new Seal([SECRET], 'page-token').seal(JSON.stringify({ ...JSON.parse(sealed), before: '7' })),
    ])
      expect(() => tokens.read(QUERY, text)).toThrow(REFUSED);
  });

  it('outlives a rotation of the secrets while the old one is known', () => {
    const token = tokens.make(QUERY, PLACE);
    expect(new PageTokens(new TokenSecrets([OTHER, SECRET])).read(QUERY, token)).toEqual(PLACE);
    expect(() => new PageTokens(new TokenSecrets([OTHER])).read(QUERY, token)).toThrow(REFUSED);
  });

  it('is refused with the code BAD_USER_INPUT and the name of the argument', () => {
    expect(() => tokens.read(QUERY, 'x')).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field: 'nextToken' } }),
    );
  });
});
