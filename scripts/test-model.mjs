// `npm run test:model -- --runs 20000`: a long search for sequences that break a promise of delivery; or, with --script, one
// sequence again and again; or, with --seed and --path, an earlier search from where it had come to.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
    script: { type: 'string' },
    'no-shrinking': { type: 'boolean', default: false },
    queue: { type: 'string', default: 'postgres' },
    nodes: { type: 'string', default: '2' },
  },
});
const runs = values.runs ?? (values.script ? '20' : undefined);
const settings = Object.entries({
  HOMING_MODEL_RUNS: runs,
  HOMING_MODEL_SEED: values.seed ?? String(Date.now() % 1_000_000_000),
  HOMING_MODEL_PATH: values.path,
  HOMING_MODEL_SCRIPT: values.script && resolve(values.script),
  HOMING_MODEL_SHRINKING: values['no-shrinking'] ? 'no' : undefined,
}).filter(([, value]) => value !== undefined);

// Two nodes are in the process of the tests; three are processes of their own, of the built program.
const WHERE = {
  2: ['--project', values.queue],
  3: ['--config', 'vitest.nodes.config.ts', '--project', `three-${values.queue}`],
};
const where = WHERE[values.nodes];
if (!where) {
  process.stderr.write(`--nodes is one of: ${Object.keys(WHERE).join(', ')}.\n`);
  process.exit(1);
}
if (values.nodes === '3') {
  const { status } = spawnSync(process.execPath, ['scripts/build-if-stale.mjs'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', ...where, 'test/delivery/model.spec.ts'], {
  stdio: 'inherit',
  env: { ...process.env, ...Object.fromEntries(settings) },
});
process.exit(status ?? 1);
