import { defineConfig } from 'vitest/config';
import { base, resolve } from './vitest.config.js';

// The built program as a process, beside others: how it starts, stops, crashes, and what it tells those who run it: `npm run test:process`.
export default defineConfig({
  resolve,
  test: {
    maxWorkers: 3,
    projects: [
      // Isolated, since a fixture ends what it started when its file ends.
      { extends: true, test: { ...base, name: 'process', isolate: true, include: ['test/process/**/*.spec.ts'] } },
    ],
  },
});
