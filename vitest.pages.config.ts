import { defineConfig } from 'vitest/config';
import { base, resolve } from './vitest.config.js';

// What people see and copy: pages in real browsers, and the programs of the documents and of the examples, as they are run: `npm run test:pages`.
export default defineConfig({
  resolve,
  test: {
    maxWorkers: 3,
    projects: [
      { extends: true, test: { ...base, name: 'browser', include: ['test/browser/**/*.spec.ts'] } },
      // Isolated, since a fixture ends what it started when its file ends.
      { extends: true, test: { ...base, name: 'documents', isolate: true, include: ['test/documents/**/*.spec.ts'] } },
    ],
  },
});
