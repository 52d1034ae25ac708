import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documents } from '../support/snippets/documents.js';

describe('the documentation', () => {
  it('says of the API, the settings, refusals and close codes what the code says', () => {
    const { stdout, stderr, status } = spawnSync('npm', ['run', '--silent', 'docs', '--', '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: '' });
  });

  it('names no npm script that does not exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    for (const { path, text } of documents()) {
      const named = [...text.matchAll(/npm run (?:--silent )?([a-z:-]+)/g)].map(([, name]) => name);
      expect(Object.keys(scripts), path).toEqual(expect.arrayContaining(named));
    }
  });
});
