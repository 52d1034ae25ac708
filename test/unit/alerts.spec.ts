import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alerts } from '../support/alerts.js';
import { find, PROMETHEUS } from '../support/parts.js';

const read = (path: string) => readFileSync(path, 'utf8');
const promtool = find('promtool');

describe('the alerts', () => {
  it('each have a paragraph in the operations guide, to which they point, and a test; and none has without an alert', () => {
    const names = alerts().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(20);
    const [, section = ''] = read('docs/operations.md').split(/^## Alerts$/m);
    const [, ...paragraphs] = (section.split(/^## /m)[0] ?? '').split(/^### /m);
    expect(paragraphs.map((text) => text.split('\n', 1)[0])).toEqual(names);
    for (const paragraph of paragraphs)
      expect(paragraph.split('\n').slice(1).join(' ').trim().length).toBeGreaterThan(100);
    for (const { name, runbook } of alerts()) expect(runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
    const tested = [...read('deploy/prometheus/homing.rules.test.yml').matchAll(/alertname: (\w+)$/gm)];
    // Once when it does not fire, and once when it does.
    expect(tested.map(([, name]) => name)).toEqual(names.flatMap((name) => [name, name]));
  });

  it('point at headings that are there', () => {
    const text = read('docs/operations.md');
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title?.toLowerCase().replaceAll(' ', '-'));
    for (const [, anchor] of text.matchAll(/\]\(#([\w-]+)\)/g)) expect(headings).toContain(anchor);
  });

  it.runIf(PROMETHEUS.path !== null && promtool !== null)(
    'are what promtool takes, and fire when its tests say so',
    () => {
      const run = (...args: string[]) =>
        execFileSync(promtool as string, args, { cwd: 'deploy/prometheus', encoding: 'utf8', stdio: 'pipe' });
      expect(run('check', 'config', 'prometheus.yml')).toContain(`${alerts().length} rules found`);
      expect(run('test', 'rules', 'homing.rules.test.yml')).toContain('SUCCESS');
    },
  );
});
