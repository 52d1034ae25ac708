import fc from 'fast-check';

/** Texts on which programs have stumbled. */
export const JUNK_TEXTS: readonly string[] = [
  ...['', ' ', '\u0000', '\ud800', '\udfff\ud800', '\ufeff', '\u202e', '\u2028', '👩‍👩‍👧', 'é'.repeat(300), '\r\n'],
  ...["' OR 1=1 --", '%', '_', '\\', '$1', '{{7*7}}', '../../..', '<script>', '__proto__', 'constructor', 'NaN'],
];

/** Any text: printable or not, well-formed Unicode or not. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(...JUNK_TEXTS),
);

/** The text, a share of the time with some of its parts cut out, doubled or replaced by junk. */
export function edited(text: fc.Arbitrary<string>, junk: readonly string[], share = 0.5): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.integer({ min: 0, max: 12 }),
    insert: fc.oneof(fc.constantFrom(...junk), anyText, fc.constant(null)),
  });
  const edits = fc.oneof(
    { weight: Math.round(100 * (1 - share)), arbitrary: fc.constant([]) },
    { weight: Math.round(100 * share), arbitrary: fc.array(edit, { minLength: 1, maxLength: 4 }) },
  );
  return fc.tuple(text, edits).map(([whole, all]) =>
    all.reduce((now, { at, cut, insert }) => {
      const start = Math.floor(at * now.length);
      const rest = now.slice(start + cut);
      return now.slice(0, start) + (insert ?? now.slice(start, start + 2 * cut) + now.slice(start, start + cut)) + rest;
    }, whole),
  );
}
