import { describe, expect, it } from 'vitest';
import { Seal } from '../../src/access/seal.js';
import { TokenSecrets } from '../../src/config/config.module.js';
import { readSettings } from '../../src/config/settings.js';
import { RecipientTokens } from '../../src/recipients/recipient-token.js';
import type { RecipientClaims } from '../../src/recipients/recipient-token.strategy.js';
import { SealedTokens } from '../../src/recipients/sealed-tokens.js';

const OLD = { id: 'a', secret: 'an old secret of 32 characters ..' };
const NEW = { id: 'b', secret: 'a new secret of 32 characters ...' };
const START = Date.parse('2023-07-18T15:00:00.400Z');
const SECOND = 1_000;
const DAY = 86_400 * SECOND;

const CLAIMS: RecipientClaims = {
  tenant: 'acme',
  recipient: 'd9f3c17a-c6de-4e5e-b42b-98fbfb46a108',
  topic: 'news',
  sourceIp: '203.0.113.0/24',
  origin: 'https://example.org',
};

function tokens(
  environment: Record<string, string> = {},
  secrets = [NEW],
  now = START,
  revokedUntil = 0,
): RecipientTokens {
  const clock = { now: () => now, reached: () => now };
  const revoked = { revokedUntil: () => revokedUntil };
  const strategy = new SealedTokens(new TokenSecrets(secrets));
  return new RecipientTokens(readSettings(environment), strategy, clock as never, revoked as never);
}

describe('the token of a recipient', () => {
  it.each([
    ['with everything', CLAIMS],
    ['with nothing but the names', { ...CLAIMS, topic: null, sourceIp: null, origin: null }],
    ['with names that are not ASCII', { ...CLAIMS, recipient: '👩‍👩‍👧 "é"\n', topic: '日本 \\ \u2028' }],
    ['with the longest names', { ...CLAIMS, recipient: '🚀'.repeat(256), topic: 'é'.repeat(256) }],
  ])('carries what it was signed for, %s', (_what, claims) => {
    expect(tokens().verify(tokens().sign(claims))).toEqual({ kind: 'valid', claims, issuedAt: START });
  });

  it('is new at each call, and earlier ones stay valid', () => {
    const all = Array.from({ length: 50 }, () => tokens().sign(CLAIMS));
    expect(new Set(all).size).toBe(50);
    for (const token of all) expect(tokens().verify(token).kind).toBe('valid');
  });

  it('can not be read by whoever holds it', () => {
    const bytes = Buffer.from(tokens().sign(CLAIMS), 'base64url').toString('latin1');
    for (const value of Object.values(CLAIMS)) expect(bytes).not.toContain(value);
  });

  it('is invalid when any one of its bytes was changed to any other', () => {
    const reader = tokens();
    const bytes = Buffer.from(reader.sign(CLAIMS), 'base64url');
    for (let i = 0; i < bytes.length; i += 1) {
      for (let difference = 1; difference < 256; difference += 1) {
        const changed = Buffer.from(bytes);
        changed[i]! ^= difference;
        if (reader.verify(changed.toString('base64url')).kind !== 'invalid')
          throw new Error(`byte ${i}: ${difference}`);
      }
    }
  });

  it('is invalid when it was cut short, or is none at all', () => {
    const token = tokens().sign(CLAIMS);
    for (let length = 0; length < token.length; length += 1)
      expect(tokens().verify(token.slice(0, length))).toEqual({ kind: 'invalid' });
    for (const text of ['', ' ', 'nonsense', '\u0000', 'é', `${token}=`, `${token} `, token + token])
      expect(tokens().verify(text)).toEqual({ kind: 'invalid' });
  });

  it('is invalid when somebody else sealed the same claims', () => {
    const forged = JSON.stringify({ t: 'acme', r: 'ann', i: 0, e: 0, j: 'x' });
    expect(tokens().verify(Buffer.from(forged).toString('base64url'))).toEqual({ kind: 'invalid' });
    expect(tokens().verify(new Seal([OLD], 'recipient-token').seal(forged))).toEqual({ kind: 'invalid' });
    expect(tokens().verify(tokens({}, [{ id: NEW.id, secret: OLD.secret }]).sign(CLAIMS))).toEqual({ kind: 'invalid' });
  });

  it('is invalid when the same secret sealed it for another purpose', () => {
    const sealed = JSON.stringify({ t: 'acme', r: 'ann', i: START / 1_000, e: 0, j: 'x' });
    expect(tokens().verify(new Seal([NEW], 'page-token').seal(sealed))).toEqual({ kind: 'invalid' });
    expect(tokens().verify(new Seal([NEW], 'recipient-token').seal(sealed)).kind).toBe('valid');
  });

  it('stays valid while its secret is known, and is invalid afterwards', () => {
    const token = tokens({}, [OLD]).sign(CLAIMS);
    expect(tokens({}, [NEW, OLD]).verify(token).kind).toBe('valid');
    expect(tokens({}, [OLD, NEW]).verify(tokens({}, [NEW, OLD]).sign(CLAIMS)).kind).toBe('valid');
    expect(tokens({}, [NEW]).verify(token)).toEqual({ kind: 'invalid' });
  });

  describe('that has a TOKEN_TTL', () => {
    const at = (now: number) => tokens({ TOKEN_TTL: '60s' }, [NEW], now);
    const token = at(START).sign(CLAIMS);
    const end = Date.parse('2023-07-18T15:01:00.400Z');

    it('is valid until then', () => {
      for (const now of [START, end - 1, START - DAY]) expect(at(now).verify(token).kind).toBe('valid');
    });

    it('is expired, and nothing more, from then on', () => {
      for (const now of [end, end + 1, end + 10_000 * DAY]) expect(at(now).verify(token)).toEqual({ kind: 'expired' });
    });

    it('is invalid rather than expired when it was forged', () => {
      const forged = tokens({ TOKEN_TTL: '60s' }, [OLD]).sign(CLAIMS);
      expect(at(end).verify(forged)).toEqual({ kind: 'invalid' });
    });

    it('keeps the end that it was given when the setting grows, and ends sooner when it shrinks', () => {
      for (const longer of ['0', '1h'])
        expect(tokens({ TOKEN_TTL: longer }, [NEW], end).verify(token)).toEqual({ kind: 'expired' });
      const shorter = { TOKEN_TTL: '30s' };
      for (const each of [token, tokens({ TOKEN_TTL: '0' }).sign(CLAIMS)]) {
        expect(tokens(shorter, [NEW], START + 30 * SECOND - 1).verify(each).kind).toBe('valid');
        expect(tokens(shorter, [NEW], START + 30 * SECOND).verify(each)).toEqual({ kind: 'expired' });
      }
    });
  });

  it('lives seven days by default', () => {
    const token = tokens().sign(CLAIMS);
    expect(tokens({}, [NEW], START + 7 * DAY - 1).verify(token).kind).toBe('valid');
    expect(tokens({}, [NEW], START + 7 * DAY).verify(token).kind).toBe('expired');
  });

  it('lives for ever with a TOKEN_TTL of 0', () => {
    const token = tokens({ TOKEN_TTL: '0' }).sign(CLAIMS);
    expect(tokens({ TOKEN_TTL: '0' }, [NEW], Date.parse('9999-12-31T23:59:59Z')).verify(token).kind).toBe('valid');
  });

  describe('whose recipient was revoked', () => {
    const token = tokens().sign(CLAIMS);
    const at = (revokedUntil: number, now = START, ttl = '7d') => tokens({ TOKEN_TTL: ttl }, [NEW], now, revokedUntil);

    it('is revoked when it was issued until then, to the millisecond', () => {
      expect(at(START - 1).verify(token).kind).toBe('valid');
      for (const revokedUntil of [START, START + 1, START + DAY])
        expect(at(revokedUntil).verify(token)).toEqual({ kind: 'revoked' });
    });

    it('is revoked when it came from a node of the version before, which dated it to the second', () => {
      const i = Math.floor(START / SECOND);
      const old = new Seal([NEW], 'recipient-token').seal(
        JSON.stringify({ t: 'acme', r: 'ann', i, e: i + 60, j: 'x' }),
      );
      expect(at(START - 401).verify(old).kind).toBe('valid');
      expect(at(START - 400).verify(old)).toEqual({ kind: 'revoked' });
    });

    it('is good when it is issued by a node that knows of the revocation, whatever its clock', () => {
      for (const now of [START - DAY, START - 1, START, START + 1])
        expect(at(START, now).verify(at(START, now).sign(CLAIMS)).kind).toBe('valid');
    });

    it('is expired once it is, and invalid when it was forged', () => {
      expect(at(START, START + DAY, '1h').verify(token)).toEqual({ kind: 'expired' });
      expect(at(START).verify(tokens({}, [OLD]).sign(CLAIMS))).toEqual({ kind: 'invalid' });
    });
  });
});
