// `npm run test:hostile`: sends 20,000 random and damaged requests, and as many byte streams, from another seed at each call;
// or, with --only, --seed and --path, an earlier one again.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const SPECS = {
  documents: 'test/api/hostile-documents.spec.ts',
  streams: 'test/api/hostile-streams.spec.ts',
};

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    path: { type: 'string' },
    only: { type: 'string' },
    queue: { type: 'string', default: 'postgres' },
  },
});
const specs = values.only ? [SPECS[values.only]] : Object.values(SPECS);
if (specs.includes(undefined)) {
  process.stderr.write(`--only is one of: ${Object.keys(SPECS).join(', ')}.\n`);
  process.exit(1);
}

const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', '--project', values.queue, ...specs], {
  stdio: 'inherit',
  env: {
    ...process.env,
    HOMING_HOSTILE_RUNS: values.runs,
    HOMING_HOSTILE_SEED: values.seed,
    ...(values.path && { HOMING_HOSTILE_PATH: values.path }),
  },
});
process.exit(status ?? 1);
