import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that some suites need and a machine may lack. */
export interface Part {
  readonly path: string | null;
  readonly suites: string;
  readonly how: string;
}

/** Whether a missing part fails the run rather than skipping its suites. `.ci/run` sets it. */
export const requireAll = process.env['HOMING_REQUIRE_ALL'] === '1';

export const BROWSER: Part = {
  path: find('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'),
  suites: 'The browser suites',
  how: 'install Chromium (Debian: apt-get install chromium)',
};

/** Firefox as Debian ships it, or as Mozilla does. */
export const FIREFOX: Part = {
  path: find('firefox-esr', 'firefox'),
  suites: 'The suites of Firefox',
  how: 'install Firefox (Debian: apt-get install firefox-esr)',
};

export const NGINX: Part = {
  path: find('nginx'),
  suites: 'The nginx suites',
  how: 'install nginx (Debian: apt-get install nginx-light)',
};

export const PROMETHEUS: Part = {
  path: find('prometheus'),
  suites: 'The Prometheus suites',
  how: 'install Prometheus with promtool (Debian: apt-get install prometheus)',
};

/** What the examples for backends are written in, besides Node.js. */
export const PYTHON: Part = {
  path: find('python3'),
  suites: 'The suites of Python',
  how: 'install Python (Debian: apt-get install python3)',
};

export const JQ: Part = {
  path: find('curl') && find('jq'),
  suites: 'The suites of examples for a shell',
  how: 'install curl and jq (Debian: apt-get install curl jq)',
};

/** PostgreSQL with the programs that dump and restore: those dump no server that is newer than they are, as the embedded one may be. */
export const POSTGRESQL: Part = {
  path: newest('/usr/lib/postgresql'),
  suites: 'The suites of backups',
  how: 'install PostgreSQL (Debian: apt-get install postgresql)',
};

/** The first of these programs on the PATH, or where Debian keeps servers. */
export function find(...names: string[]): string | null {
  for (const name of names) {
    for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here; the next folder may have it.
      }
    }
  }
  return null;
}

/** What is skipped without the part, and how to get it. */
export function missing({ suites, how }: Part): string {
  return `${suites} need a program that this machine lacks: ${how}.`;
}

/** Where Debian keeps each version by itself. */
function newest(folder: string): string | null {
  const versions = existsSync(folder) ? readdirSync(folder).map(Number) : [];
  const [version] = versions
    .filter((name) => ['initdb', 'postgres', 'pg_dump'].every((file) => existsSync(join(folder, `${name}/bin`, file))))
    .sort((a, b) => b - a);
  return version === undefined ? null : join(folder, String(version), 'bin');
}
