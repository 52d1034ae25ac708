import { readFileSync } from 'node:fs';

/** An alert of `deploy/prometheus/homing.rules.yml`. */
export interface Alert {
  readonly name: string;
  readonly expr: string;
  readonly runbook: string;
}

export function alerts(): Alert[] {
  const [, ...blocks] = readFileSync('deploy/prometheus/homing.rules.yml', 'utf8').split(/^ *- alert: /m);
  const found = (pattern: RegExp, text: string) => pattern.exec(text)?.[1] ?? '';
  return blocks.map((block) => ({
    name: found(/^(\w+)/, block),
    expr: found(/^ *expr: (.*)$/m, block),
    runbook: found(/^ *runbook_url: (.*)$/m, block),
  }));
}

/**
 * The queries of `deploy/grafana/homing.json`, as Grafana sends them.
 * @param job what its variable `job` is set to
 * @param interval what it takes rates over, such as `1m`
 */
export function dashboardQueries(job: string, interval: string): string[] {
  const { panels } = JSON.parse(readFileSync('deploy/grafana/homing.json', 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr.replaceAll('$job', job).replaceAll('$__rate_interval', interval)),
  );
}

/** The metrics that an expression names, without what Prometheus makes of histograms. */
export function metricsIn(expr: string): string[] {
  const names = expr.match(/\b(?:homing|nodejs|process)_\w+/g) ?? [];
  return names.map((name) => name.replace(/_(bucket|sum|count)$/, ''));
}
