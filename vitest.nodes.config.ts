import { defineConfig } from 'vitest/config';
import { base, resolve } from './vitest.config.js';

const three = { ...base, include: ['test/api/**/*.spec.ts', 'test/delivery/**/*.spec.ts'] };

// The specification once more, where a service is three processes behind a balancer, and what happens to nodes among others: `npm run test:nodes`.
export default defineConfig({
  resolve,
  test: {
    maxWorkers: 2,
    projects: [
      ...(['postgres', 'redis'] as const).map((queue) => ({
        extends: true as const,
        test: {
          ...three,
          name: `three-${queue}`,
          env: { HOMING_TEST_QUEUE: queue, HOMING_TEST_PROCESSES: '3' },
        },
      })),
      {
        extends: true,
        test: { ...base, name: 'nodes', include: ['test/nodes/**/*.spec.ts'], testTimeout: 120_000 },
      },
    ],
  },
});
