import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Seal } from '../../src/access/seal.js';

// The same cases in each run.
fc.configureGlobal({ seed: 6_455 });

const OLD = { id: 'a', secret: 'an old secret of 32 characters ..' };
const NEW = { id: 'b', secret: 'a new secret of 32 characters ...' };
const seal = new Seal([NEW], 'test');
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const wellFormed = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => text.isWellFormed());

describe('a seal', () => {
  it('opens what it sealed', () => {
    fc.assert(fc.property(wellFormed, (text) => seal.open(seal.seal(text)) === text));
  });

  it('gives another text each time, of characters that a URL takes as they are', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const [first, second] = [seal.seal(text), seal.seal(text)];
        expect(first).not.toBe(second);
        expect(first).toMatch(/^[\w-]+$/);
        expect(encodeURIComponent(first)).toBe(first);
      }),
    );
  });

  it('does not open what has any one of its bits changed', () => {
    const bytes = Buffer.from(seal.seal('text'), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(seal.open(changed.toString('base64url')), `bit ${bit}`).toBeNull();
    }
  });

  it('does not open what has any one of its bytes changed to any other', () => {
    const bytes = Buffer.from(seal.seal('text'), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, difference) => {
        const changed = Buffer.from(bytes);
        changed[place]! ^= difference;
        expect(seal.open(changed.toString('base64url'))).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not open what has any one of its characters changed, though some texts decode to the same bytes', () => {
    for (const data of ['', 'a', 'ab', 'abc']) {
      const sealed = seal.seal(data);
      for (let i = 0; i < sealed.length; i += 1) {
        for (const character of `${ALPHABET}=+/ é\u0000`) {
          if (character === sealed[i]) continue;
          expect(seal.open(sealed.slice(0, i) + character + sealed.slice(i + 1)), `${i}: ${character}`).toBeNull();
        }
      }
    }
  });

  it('does not open what is cut short, at either end, or has something more', () => {
    const sealed = seal.seal('text');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(seal.open(sealed.slice(0, length))).toBeNull();
      expect(seal.open(sealed.slice(sealed.length - length))).toBeNull();
    }
    for (const more of ['A', 'AAAA', '=', '\n', ' ', '.x']) {
      expect(seal.open(sealed + more)).toBeNull();
      expect(seal.open(more + sealed)).toBeNull();
    }
  });

  it('does not open any text that was made up, and never throws', () => {
    const named = (body: Uint8Array) => Buffer.concat([Buffer.of(1), Buffer.from('b'), body]);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => seal.open(text) === null));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) =>
        [Buffer.from(bytes), named(bytes)].every((each) => seal.open(each.toString('base64url')) === null),
      ),
    );
  });

  it('does not open what another secret of the same id sealed, or the same secret under another id', () => {
    expect(seal.open(new Seal([{ ...NEW, secret: OLD.secret }], 'test').seal('text'))).toBeNull();
    expect(
      new Seal([NEW, OLD], 'test').open(new Seal([{ id: 'a', secret: NEW.secret }], 'test').seal('text')),
    ).toBeNull();
  });

  it('does not open what was sealed for another purpose', () => {
    expect(seal.open(new Seal([NEW], 'test2').seal('text'))).toBeNull();
    expect(new Seal([NEW], 'page-token').open(new Seal([NEW], 'recipient-token').seal('text'))).toBeNull();
  });

  it('hides what it seals', () => {
    expect(Buffer.from(seal.seal('a text to be hidden'), 'base64url').toString('latin1')).not.toContain('hidden');
  });

  describe('whose secrets rotate', () => {
    const before = new Seal([OLD], 'test');
    const during = new Seal([NEW, OLD], 'test');
    const after = new Seal([NEW], 'test');

    it('opens what either sealed, and seals with the first', () => {
      for (const each of [before, during, after]) expect(during.open(each.seal('text'))).toBe('text');
      expect(after.open(during.seal('text'))).toBe('text');
      expect(before.open(during.seal('text'))).toBeNull();
    });

    it('opens no more what was sealed with a secret that was taken away', () => {
      expect(after.open(before.seal('text'))).toBeNull();
    });

    it('can have the new secret known everywhere before any node seals with it', () => {
      const prepared = new Seal([OLD, NEW], 'test');
      expect(before.open(prepared.seal('text'))).toBe('text');
      expect(prepared.open(during.seal('text'))).toBe('text');
    });
  });

  it('takes ids of one to sixteen characters', () => {
    for (const id of ['a', 'abcdefghijklmnop']) {
      const named = new Seal([{ id, secret: OLD.secret }], 'test');
      expect(named.open(named.seal('text'))).toBe('text');
    }
  });

  it('needs a secret', () => {
    expect(() => new Seal([], 'test')).toThrow('A seal needs a secret.');
  });
});
