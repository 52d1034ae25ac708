import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { missingTests } from '../support/named-tests.js';

const TEXT = readFileSync('docs/security.md', 'utf8');
const ROWS = TEXT.split('\n').filter((line) => /^\| can(?:'t)? /.test(line));

describe('the threat model', () => {
  it('has a part for each kind of attacker', () => {
    expect([...TEXT.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      'Who has nothing',
      "Who has a recipient's token",
      "Who has a tenant's key",
      'Who has the password of the admin pages',
      'Who has a place in the network',
      'Who has a copy of the database',
    ]);
  });

  it('names a test in every line, and none that does not exist', () => {
    expect(ROWS.length).toBeGreaterThan(30);
    for (const row of ROWS) expect(row).toMatch(/`test\/[^`]+\.spec\.ts`: `[^`]+`/);
    expect(missingTests(TEXT)).toEqual([]);
  });
});
