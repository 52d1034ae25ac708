// Builds when a source file is newer than the last build, so that `npm start` works in a fresh clone and costs
// nothing afterwards. An installation without sources (a package, an image) is left as it is.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const STAMP = 'dist/.built';
const MAIN = 'dist/src/main.js';
const TSC = 'node_modules/typescript/bin/tsc';
const SOURCES = ['src', 'ormconfig.ts', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Ends with 1 and a sentence that says what to do. */
function giveUp(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

const force = process.argv.includes('--force');
if (!existsSync(TSC) && !existsSync(MAIN)) giveUp('The packages are not installed. Run npm ci first.');
if (!force && (!existsSync('src') || !existsSync(TSC))) process.exit(0);
const built = existsSync(STAMP) ? statSync(STAMP).mtimeMs : 0;
if (force || Math.max(...SOURCES.filter((path) => existsSync(path)).map(newest)) > built) {
  const started = new Date();
  try {
    rmSync('dist', { recursive: true, force: true });
    mkdirSync('dist');
  } catch ({ code }) {
    giveUp(
      `This user can't write the folder ${resolve('dist')} (${code}). Start as the owner of ${resolve('.')}, or from a copy of your own.`,
    );
  }
  process.stderr.write('Building (once, after the sources changed) ...\n');
  const result = spawnSync(process.execPath, [TSC, '-p', 'tsconfig.build.json'], { stdio: ['ignore', 2, 2] });
  if (result.status !== 0) process.exit(result.status ?? 1);
  writeFileSync(STAMP, started.toISOString());
}
