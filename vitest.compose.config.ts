import { defineConfig } from 'vitest/config';
import { resolve, specification } from './vitest.config.js';

// What of the specification holds through nginx, on the services that compose.yaml describes: `npm run test:compose`.
//
// Left out, though it holds for nodes: what sends no HTTP that nginx would pass on as it is (bad-requests, bad-upgrades, hostile-*, headers,
// health), and what looks at the service's own TLS, addresses and limits of connections (tls, upgrade, limits); what one node answers by itself,
// whoever asks (input, answer-size, access-table, schema); what needs settings of its own for nearly every test (access, bounds, roles,
// shared-servers, cut-off, clock, retention), or breaks what stands between nodes and servers (lost-events, revocation*, redis-faults, unavailable,
// stopping, wake-ups, logs, model). All of that is run on one node or three by `npm test` and `npm run test:nodes`.
const THROUGH_NGINX = [
  'api/bad-input',
  'api/graphql-over-http',
  'api/page-tokens',
  'api/reference',
  'api/reference-mutations',
  'api/reference-queries',
  'delivery/connecting',
  'delivery/expiry',
  'delivery/frames',
  'delivery/global-messages',
  'delivery/order',
  'delivery/pongs',
  'delivery/recipients',
  'delivery/statuses',
];

const composed = specification('compose', 'redis', { HOMING_TEST_PROCESSES: '2', HOMING_TEST_COMPOSE: '1' });

export default defineConfig({
  resolve,
  test: {
    maxWorkers: 2,
    projects: [
      {
        ...composed,
        test: {
          ...composed.test,
          include: [...THROUGH_NGINX.map((spec) => `test/${spec}.spec.ts`), 'test/compose/*.spec.ts'],
          exclude: [],
        },
      },
    ],
  },
});
