import { defineConfig } from 'vitest/config';

export const base = {
  pool: 'forks',
  isolate: false,
  // What hangs ends here. A condition is waited for as long as `eventually` does. How fast the machine is must not decide.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 120_000 } },
  globalSetup: 'test/support/global-setup.ts',
} as const;

// The sources must share the one copy of graphql that its users in node_modules load; Vite would take its ESM twin.
export const resolve = { alias: { graphql: 'graphql/index.js' } };

const api = (spec: string) => `test/api/${spec}.spec.ts`;

// What these ask is answered before anything reaches the queue, by one node alone: once is enough.
const beforeTheQueue = [
  'admin',
  'answer-size',
  'bad-input',
  'bad-requests',
  'bad-upgrades',
  'graphql-over-http',
  'headers',
  'hostile-*',
  'input',
  'schema',
  'tls',
  'upgrade',
].map(api);
// These go the same way whichever queue there is, but not whichever node: on one node once is enough, on several they run with both.
const asideOfTheQueue = [
  ...['access-table', 'limits', 'page-tokens'].map(api),
  ...['bounds', 'clock', 'frames'].map((spec) => `test/delivery/${spec}.spec.ts`),
];
// These put something into the service, in their own process.
const inOneProcess = [api('strategies')];

/** The project that runs the specification with this queue. */
export const specification = (name: string, queue: 'postgres' | 'redis', env: Record<string, string> = {}) => ({
  extends: true as const,
  test: {
    ...base,
    name,
    setupFiles: 'HOMING_TEST_PROCESSES' in env ? ['test/support/end-of-file.ts'] : [],
    include: [api('*'), 'test/delivery/**/*.spec.ts'],
    exclude:
      name === 'postgres' ? [] : [...beforeTheQueue, ...inOneProcess, ...(name === 'redis' ? asideOfTheQueue : [])],
    env: { HOMING_TEST_QUEUE: queue, ...env },
  },
});

// The specification runs on both queue back ends. Which suites could not run here, and why, is said by the global setup.
export default defineConfig({
  resolve,
  test: {
    maxWorkers: 3,
    projects: [
      { extends: true, test: { ...base, name: 'unit', include: ['test/unit/**/*.spec.ts'] } },
      specification('postgres', 'postgres'),
      specification('redis', 'redis'),
    ],
  },
});
