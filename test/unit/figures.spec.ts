import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const COMMAND = /`npm run bench -- ([a-z-]+)`/;

describe('the figures in the README', () => {
  const [, section = ''] = readFileSync('README.md', 'utf8').split('\n## Figures\n');
  const rows = tableRows(section.split('\n## ')[0] ?? '').slice(1);

  it('each have a command that measures them', () => {
    expect(rows.length).toBeGreaterThan(0);
    for (const row of withNames(rows, 4)) {
      expect(existsSync(`bench/${COMMAND.exec(row[4] ?? '')?.[1]}.bench.mjs`), row.join(' | ')).toBe(true);
    }
  });

  it('are those that docs/performance.md has of that command', () => {
    const [, table = ''] = readFileSync('docs/performance.md', 'utf8').split('\n## The table\n');
    const results = withNames(tableRows(table.split('\nWith Redis as the queue:')[0] ?? ''), 0);
    for (const [, ours = '', reference = '', ratio = '', command = ''] of withNames(rows, 4)) {
      const name = COMMAND.exec(command)?.[1];
      const measured = results.filter(([row = '']) => row.startsWith(`\`${name}\``)).map((row) => row.join(' '));
      // Each figure with its unit, as in `28,900 / s` or `10.5 KiB`.
      for (const figure of `${ours} ${reference} ${ratio}`.match(/\d[\d,.]*(?: (?:\/ s|ms|µs|KiB))?/g) ?? [])
        expect(
          measured.some((row) => row.includes(figure)),
          `${figure} of ${command}`,
        ).toBe(true);
    }
  });
});

/** The cells of each row of the tables in a text, without the line below the heads. */
function tableRows(text: string): string[][] {
  return [...text.matchAll(/^\|(.*)\|$/gm)]
    .map(([, row = '']) => row.split('|').map((cell) => cell.trim()))
    .filter((cells) => !cells.every((cell) => /^[-:]+$/.test(cell)));
}

/** The rows, an empty cell of this column having what stands above it. */
function withNames(rows: string[][], column: number): string[][] {
  let name = '';
  return rows.map((row) => row.with(column, (name = row[column] || name)));
}
