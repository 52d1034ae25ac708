import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const DOCUMENTS = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...[
    'docs/adr/README.md',
    'docs/close-codes.md',
    'docs/security.md',
    'docs/scaling.md',
    'docs/operations.md',
    'bench/README.md',
  ],
];

describe('the documentation', () => {
  it('says of the API, the settings, refusals and close codes what the code says', () => {
    const { stdout, stderr, status } = spawnSync('npm', ['run', '--silent', 'docs', '--', '--check'], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: '' });
  });

  it('names no npm script that does not exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    for (const path of DOCUMENTS) {
      const named = [...readFileSync(path, 'utf8').matchAll(/npm run (?:--silent )?([a-z:-]+)/g)].map(
        ([, name]) => name,
      );
      expect(Object.keys(scripts), path).toEqual(expect.arrayContaining(named));
    }
  });

  it('links to no file and no heading that does not exist', () => {
    for (const path of DOCUMENTS) {
      const text = readFileSync(path, 'utf8');
      const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        if (file !== '') expect(existsSync(folder + file), `${path} links to ${target}`).toBe(true);
        if (anchor !== undefined)
          expect(anchors(file === '' ? text : readFileSync(folder + file, 'utf8')), path).toContain(anchor);
      }
    }
  });
});

/** The anchors that GitHub gives to a document's headings. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
