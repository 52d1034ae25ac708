import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runsOn } from '../../src/node-version.js';
import { Program } from '../support/program.js';

/** An ordinary user: root may write everywhere. */
const NOBODY = 65_534;

describe('what a start needs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-prerequisites-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Makes a copy of the repository that has only what `npm start` runs first. */
  function prepare(copy: string): void {
    mkdirSync(join(copy, 'scripts'), { recursive: true });
    cpSync('scripts/build-if-stale.mjs', join(copy, 'scripts', 'build-if-stale.mjs'));
    mkdirSync(join(copy, 'src'));
  }

  function build(cwd: string, uid?: number): Program {
    const user = uid === undefined ? {} : { uid };
    return Program.of(spawn(process.execPath, ['scripts/build-if-stale.mjs'], { cwd, ...user }));
  }

  it.each([
    ['18.20.8', false],
    ['20.18.3', false],
    ['20.19.0', true],
    ['22.12.0', false],
    ['22.13.0', true],
    ['23.11.0', false],
    ['24.10.0', false],
    ['24.11.0', true],
    ['25.0.0', true],
  ])('is Node.js of a suitable version: %s: %s', (version, suitable) => {
    expect(runsOn(version)).toBe(suitable);
  });

  it('is the Node.js of the engines that the package names', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
    expect(engines.node).toBe('^20.19.0 || ^22.13.0 || >=24.11.0');
  });

  it.each(['main.js', 'bin.js'])('says in a sentence that Node.js is too old: %s', async (file) => {
    const old = join(folder, 'old.mjs');
    writeFileSync(
      old,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });`,
    );
    const program = Program.run(file, { NODE_OPTIONS: `--import=${old}`, DATA_DIR: join(folder, 'data') });
    expect(await program.closes()).toBe(1);
    expect(program.errors).toMatch(/^Homing needs Node\.js 20\.19, .* and this is 18\.20\.8\. Install [^\n]+\n$/);
    expect(program.out).toBe('');
  });

  it('says in a sentence that the packages are not installed', async () => {
    const copy = join(folder, 'bare');
    prepare(copy);
    const program = build(copy);
    expect(await program.closes()).toBe(1);
    expect(program.errors).toBe('The packages are not installed. Run npm ci first.\n');
  });

  it('says in a sentence that the folder can not be written', async () => {
    const copy = join(folder, 'theirs');
    mkdirSync(join(copy, 'node_modules', 'typescript', 'bin'), { recursive: true });
    writeFileSync(join(copy, 'node_modules', 'typescript', 'bin', 'tsc'), '');
    prepare(copy);
    chmodSync(folder, 0o755);
    chmodSync(copy, 0o555);
    const program = build(copy, process.getuid?.() === 0 ? NOBODY : undefined);
    expect(await program.closes()).toBe(1);
    expect(program.errors).toBe(
      `This user can't write the folder ${resolve(copy, 'dist')} (EACCES). Start as the owner of ${copy}, or from a copy of your own.\n`,
    );
    chmodSync(copy, 0o755);
  });
});
