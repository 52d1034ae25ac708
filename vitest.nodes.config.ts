import { defineConfig } from 'vitest/config';
import { base, resolve, specification } from './vitest.config.js';

// The specification once more, where a service is three processes behind a balancer, and what happens to nodes among others: `npm run test:nodes`.
export default defineConfig({
  resolve,
  test: {
    maxWorkers: 2,
    projects: [
      ...(['postgres', 'redis'] as const).map((queue) =>
        specification(`three-${queue}`, queue, {
          HOMING_TEST_PROCESSES: '3',
          HOMING_MODEL_RUNS: process.env['HOMING_MODEL_RUNS'] ?? '40',
        }),
      ),
      { extends: true, test: { ...base, name: 'nodes', include: ['test/nodes/**/*.spec.ts'] } },
    ],
  },
});
