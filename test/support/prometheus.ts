import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/database/embedded/free-port.js';
import { altered } from './altered.js';
import { eventually } from './eventually.js';

interface Rule {
  readonly name: string;
  readonly query: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

/** A real Prometheus, as `deploy/prometheus` has it, but for its times: it scrapes often, and its rules are impatient. */
export class Prometheus {
  private constructor(
    private readonly url: string,
    readonly stop: () => Promise<void>,
  ) {}

  /** @param targets what it scrapes, such as `127.0.0.1:9464` */
  static async start(program: string, targets: readonly string[]): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'homing-prometheus-'));
    const configuration = altered('deploy/prometheus/prometheus.yml', {
      // A scrape of a process whose database is silent takes two seconds.
      'scrape_interval: 15s': 'scrape_interval: 2500ms\n  scrape_timeout: 2500ms',
      'evaluation_interval: 15s': 'evaluation_interval: 500ms',
      '[localhost:9464]': JSON.stringify(targets),
    });
    const rules = altered('deploy/prometheus/homing.rules.yml', {
      'oldest_job_seconds) > 30': 'oldest_job_seconds) > 3',
    });
    writeFileSync(join(folder, 'prometheus.yml'), configuration);
    writeFileSync(join(folder, 'homing.rules.yml'), rules.replace(/for: \d+[mh]/g, 'for: 1s'));
    const port = await freePort();
    const child = spawn(
      program,
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const url = `http://127.0.0.1:${port}`;
    const stop = async () => {
      if (child.exitCode === null) {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }
      rmSync(folder, { recursive: true, force: true });
    };
    process.once('exit', () => child.kill('SIGKILL'));
    try {
      await eventually(async () => {
        if (!(await fetch(`${url}/-/ready`)).ok) throw new Error(`Prometheus is not ready: ${said}`);
      });
    } catch (error) {
      await stop();
      throw new Error(said, { cause: error });
    }
    return new Prometheus(url, stop);
  }

  /** How each target is. */
  async targets(): Promise<string[]> {
    const { activeTargets } = await this.ask<{ activeTargets: { health: string; lastError: string }[] }>('targets');
    return activeTargets.map(({ health, lastError }) => `${health} ${lastError}`.trim());
  }

  /** Its rules, and whether their queries can be answered. */
  async rules(): Promise<Rule[]> {
    const { groups } = await this.ask<{ groups: { rules: Rule[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  /** The names of the alerts that fire. */
  async firing(): Promise<string[]> {
    const { alerts } = await this.ask<{ alerts: { state: string; labels: { alertname: string } }[] }>('alerts');
    return [...new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname))];
  }

  /** Asks for the present values of a query. @returns the query, and how many series it has. @throws Error when it is none */
  async query(query: string): Promise<{ query: string; series: number }> {
    const { result } = await this.ask<{ result: unknown[] }>(`query?query=${encodeURIComponent(query)}`);
    return { query, series: result.length };
  }

  /** @throws what it says, when it can't answer */
  private async ask<T>(what: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${what}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (!response.ok) throw new Error(error);
    return data;
  }
}
