// `npm run test:mutants`: the model of delivery must catch each of these broken variants. They are made in a copy of the
// sources; nothing here changes. Names of mutants as arguments pick some of them.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MUTANTS } from './mutants.mjs';

const COPIED = ['package.json', 'tsconfig.json', 'vitest.config.ts', 'src', 'test', 'scripts'];
/** Always the same sequences, so that a mutant is not caught today and missed tomorrow. */
const SEED = '1';
/** At most. Most mutants are caught by the first hundreds, which `npm test` plays too; rare meetings of events take more. */
const RUNS = '2000';
const UNCHANGED = { name: 'Unchanged', why: 'Breaks nothing.', changes: [] };

const wanted = process.argv.slice(2);
const mutants = [UNCHANGED, ...MUTANTS].filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const folder = mkdtempSync(join(tmpdir(), 'homing-mutants-'));
let failed = false;
try {
  for (const part of COPIED) cpSync(part, join(folder, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  for (const mutant of mutants) {
    const restore = mutant.changes.map(apply);
    const started = performance.now();
    const { status, broken, output } = runModel();
    for (const undo of restore.reverse()) undo();
    const seconds = `${Math.round((performance.now() - started) / 1_000)} s`.padStart(5);
    const good = mutant === UNCHANGED ? status === 0 : broken.length > 0;
    failed ||= !good;
    const verdict = broken.length > 0 ? 'caught  ' : status === 0 ? 'passed  ' : 'crashed ';
    process.stdout.write(`${good ? 'ok    ' : 'FAILED'} ${verdict} ${seconds}  ${mutant.name}\n`);
    for (const promise of broken) process.stdout.write(`${' '.repeat(24)}${promise}\n`);
    if (!good) process.stdout.write(output);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

/** Makes a change in the copy, and gives what undoes it. */
function apply({ file, find, replace }) {
  const path = join(folder, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) throw new Error(`${file} must have this once, and has not: ${find}`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  return () => writeFileSync(path, source);
}

/** Searches in the copy until a promise is broken; gives the names of those that are. */
function runModel() {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/test-model.mjs', '--no-shrinking', '--seed', SEED, '--runs', RUNS],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    },
  );
  const output = stdout + stderr;
  return { status, output, broken: [...new Set([...output.matchAll(/BROKEN: (.*)/g)].map(([, promise]) => promise))] };
}
