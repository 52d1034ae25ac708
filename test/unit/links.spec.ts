import { describe, expect, it } from 'vitest';
import { documents } from '../support/snippets/documents.js';
import { deadEnd, isExternal, linksOf } from '../support/snippets/links.js';

const DOCUMENTS = documents();
const EXTERNAL = [...new Set(DOCUMENTS.flatMap(linksOf).filter(isExternal))];
/** Addresses on the reader's own machine, and mail. */
const OWN = /^(?:http:\/\/localhost[:/]|mailto:)/;

describe('the links of the documents', () => {
  it('lead to files and headings that there are', () => {
    const dead = DOCUMENTS.flatMap((document) =>
      linksOf(document).flatMap((target) => (isExternal(target) ? [] : (deadEnd(document, target) ?? []))),
    );
    expect(dead).toEqual([]);
  });

  it('lead elsewhere by https alone', () => {
    expect(EXTERNAL.length).toBeGreaterThan(0);
    expect(EXTERNAL.filter((url) => !OWN.test(url) && !(url.startsWith('https://') && URL.canParse(url)))).toEqual([]);
  });

  // Whether other people's pages are there says nothing of this repository, so it is asked for by whoever wants to know.
  it.runIf(process.env['HOMING_CHECK_LINKS'] === '1').each(EXTERNAL.filter((url) => !OWN.test(url)))(
    'lead to a page that there is: %s',
    async (url) => {
      const { status } = await fetch(url, { headers: { 'user-agent': 'homing' } });
      // A site that takes no programs for readers is there all the same.
      expect(status === 403 || status === 429 || status < 400, `${status}`).toBe(true);
    },
  );
});

describe('a link that leads nowhere', () => {
  const document = {
    path: 'docs/a.md',
    text: ['# A `name` of [two](x.md) words', '## Twice', '## Twice', '```sh', '# no heading', '```'].join('\n'),
  };

  it.each(['#a-name-of-two-words', '#twice', '#twice-1', '../README.md', '../src', '../README.md#settings'])(
    'is not %s',
    (target) => expect(deadEnd(document, target)).toBeNull(),
  );

  it.each(['#twice-2', '#no-heading', '#Twice', 'README.md', '../../elsewhere', '../README.md#nothing'])(
    'is %s',
    (target) => expect(deadEnd(document, target)).not.toBeNull(),
  );

  it('is no link in code or in a comment', () => {
    const text = 'a [b](c.md) `[d](e.md)` <!-- [f](g.md) -->\n```sh\n[h](i.md)\n```\n[j]: k.md\n<img src="l.svg">';
    expect(linksOf({ path: 'a.md', text })).toEqual(['c.md', 'k.md', 'l.svg']);
  });
});
