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

const { status } = spawnSync(
  'npx',
  ['--no-install', 'vitest', 'run', '--project', values.queue, 'test/delivery/model.spec.ts'],
  { stdio: 'inherit', env: { ...process.env, ...Object.fromEntries(settings) } },
);
process.exit(status ?? 1);
