import { describe, expect, it } from 'vitest';
import { documents } from '../support/snippets/documents.js';
import { RULES } from '../support/snippets/rules.js';
import { place, snippetsOf } from '../support/snippets/snippets.js';

const SNIPPETS = documents().flatMap(snippetsOf);
const NOT_RUN = SNIPPETS.filter(({ notRun }) => notRun !== null);

describe('every block of the documents', () => {
  it('is in a language that there is a rule for', () => {
    expect(SNIPPETS.filter(({ language }) => !(language in RULES)).map(place)).toEqual([]);
  });

  it.for(Object.entries(RULES))(
    'in the language %s is right',
    async ([language, { part, always, problems }], { skip }) => {
      skip(part?.path === null, 'This machine lacks its program.');
      const snippets = SNIPPETS.filter(
        (snippet) => snippet.language === language && (always || snippet.notRun === null),
      );
      expect(await problems(snippets)).toEqual([]);
    },
  );

  it('says why it is not run, where it is not', () => {
    for (const snippet of NOT_RUN) process.stdout.write(`Not run: ${place(snippet)}: ${snippet.notRun}\n`);
    process.stdout.write(`Of ${SNIPPETS.length} blocks ${NOT_RUN.length} say why they are not run.\n`);
    expect(NOT_RUN.filter(({ notRun }) => !/\w+ \w+/.test(notRun ?? '')).map(place)).toEqual([]);
  });
});
