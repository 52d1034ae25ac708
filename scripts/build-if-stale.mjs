// Builds when a source file is newer than the last build, so that `npm start` works in a fresh clone and costs
// nothing afterwards. An installation without sources (a package, an image) is left as it is.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = 'dist/.built';
const TSC = 'node_modules/typescript/bin/tsc';
const SOURCES = ['src', 'ormconfig.ts', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const force = process.argv.includes('--force');
if (!force && (!existsSync('src') || !existsSync(TSC))) process.exit(0);
const built = existsSync(STAMP) ? statSync(STAMP).mtimeMs : 0;
if (force || Math.max(...SOURCES.filter((path) => existsSync(path)).map(newest)) > built) {
  const started = new Date();
  rmSync('dist', { recursive: true, force: true });
  process.stderr.write('Building (once, after the sources changed) ...\n');
  const result = spawnSync(process.execPath, [TSC, '-p', 'tsconfig.build.json'], { stdio: ['ignore', 2, 2] });
  if (result.status !== 0) process.exit(result.status ?? 1);
  writeFileSync(STAMP, started.toISOString());
}
