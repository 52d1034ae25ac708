import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Cost {
  readonly means: string;
  readonly unit: string;
  readonly postgres?: number;
  readonly redis?: number;
  readonly value?: number;
  readonly run?: string;
  readonly reckoned?: string;
}

const { runs, costs } = JSON.parse(readFileSync('bench/costs.json', 'utf8')) as {
  runs: Record<string, { command: string; date: string; machine: string }>;
  costs: Record<string, Cost>;
};

function capacity(options: string) {
  const { stdout, stderr, status } = spawnSync('node', ['bench/capacity.bench.mjs', ...options.split(' ')], {
    encoding: 'utf8',
  });
  return { lines: stdout.trimEnd().split('\n'), stderr, status };
}

/** The number in the line that begins with `what`. */
function numberOf(lines: readonly string[], what: string): number {
  const line = lines.find((each) => each.trim().startsWith(what)) ?? '';
  return Number(line.trim().slice(what.length).trim().split(' ')[0]?.replaceAll(',', '').replace(/\D*$/, ''));
}

describe('the capacity model', () => {
  it.each(['yes', 'no'])('answers for ten million connections, with Redis: %s', (redis) => {
    const { lines, status } = capacity(`--connections 10000000 --messages 50000 --redis ${redis}`);
    expect(status).toBe(0);
    expect(lines.join('\n')).not.toMatch(/NaN|Infinity|undefined/);
    expect(numberOf(lines, 'gateways')).toBe(100);
    expect(lines.filter((line) => line.endsWith('%')).length).toBeGreaterThan(5);
  });

  it.each([
    ['connections', 'gateways', '--messages 100 --max-connections 10000 --connections'],
    ['messages', 'rows updated/s', '--connections 1000 --messages'],
    ['tenants', 'transactions/s', '--connections 1000000 --messages 100 --tenants'],
  ])('needs more for more %s: %s', (_, what, options) => {
    const [few, many] = ['1000', '1000000'].map((size) => numberOf(capacity(`${options} ${size}`).lines, what));
    expect(many).toBeGreaterThan(few ?? NaN);
  });

  it('refuses what it does not know', () => {
    expect(capacity('--connectoins 5')).toMatchObject({ status: 1 });
    expect(capacity('--messages many').stderr).toContain('--messages must be a number');
  });
});

describe('the costs', () => {
  it.each(Object.entries(costs))('says where %s is from', (_, { means, unit, run, reckoned, ...values }) => {
    expect(means).toMatch(/\.$/);
    expect(unit).not.toBe('');
    expect(Object.values(values).length).toBeGreaterThan(0);
    expect(Object.values(values).every((value) => Number.isFinite(value) && value >= 0)).toBe(true);
    const source = runs[run ?? ''];
    expect(reckoned ?? `${source?.command} ${source?.date} ${source?.machine}`).toMatch(/^npm run bench -- .*\d|\.$/);
  });
});
