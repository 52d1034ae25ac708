import { defineConfig } from 'vitest/config';
import { base, resolve } from './vitest.config.js';

// The built program as a process, beside others: how it starts, stops, crashes, and what it tells those who run it: `npm run test:process`.
// Isolated, since a fixture ends what it started when its file ends.
export default defineConfig({
  resolve,
  test: { ...base, name: 'process', maxWorkers: 3, isolate: true, include: ['test/process/**/*.spec.ts'] },
});
