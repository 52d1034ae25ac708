// fair: tenant A pushes a million messages, in mutations to 10,000 recipients each, of whom 100 are connected, as fast as 16 backends
// can, while tenant B pushes 10 a second to 50 connected recipients. B's latency, from the mutation's request to the frame.
// Reference, in turn with it: the same without A. The service has its default limits. Before B is alone, the database has put in order
// what A left, which stays PENDING: `VACUUM` and a checkpoint that A caused would else slow what B is compared with.
import { spawnSync } from 'node:child_process';
import { startBackends } from './backends/start.mjs';
import { Crowd } from './crowd/crowd.mjs';
import { withInstallation } from './installation.mjs';
import { connectAll, recipients } from './load.mjs';
import { measureRounds, percentile, report } from './report.mjs';
import { asBackend } from './service.mjs';

const RECIPIENTS = Number(process.env.RECIPIENTS ?? 1_000_000);
const AT_ONCE = 10_000;
const RATE = 10;
const SECONDS = Number(process.env.SECONDS ?? 30);
const CONNECTED = { a: recipients(100, 'a'), b: recipients(50, 'b') };

await withInstallation(
  async ({ service, pool, dataDir }) => {
    const keys = { a: createKey(dataDir), b: service.key };
    const a = await startBackends(service, keys.a);
    const b = await startBackends(service, keys.b);
    const crowds = { a: new Crowd(), b: new Crowd() };
    try {
      for (const [tenant, crowd] of Object.entries(crowds)) {
        const { register } = asBackend(service.url, keys[tenant]);
        await crowd.connect(tenant, await connectAll(CONNECTED[tenant], register));
      }
      const push = (seconds) => b.order('pushAtRate', { recipients: CONNECTED.b, rate: RATE, seconds });
      const rounds = await measureRounds(async (round) => {
        await pool.query('VACUUM ANALYZE');
        await pool.query('CHECKPOINT');
        const alone = await crowds.b.agesDuring(() => push(SECONDS));
        for (const each of [b, a]) await each.order('load');
        await crowds.b.load();
        const mutations = Math.ceil((round === 0 ? RECIPIENTS / 10 : RECIPIENTS) / AT_ONCE);
        const start = performance.now();
        const heard = crowds.a.expect(CONNECTED.a.length, mutations);
        const beside = await crowds.b.agesDuring(async () => {
          const pushing = push();
          await a.order('flood', { round, mutations, atOnce: AT_ONCE, connected: CONNECTED.a });
          await heard;
          await b.order('stop');
          return pushing;
        });
        const seconds = (performance.now() - start) / 1_000;
        return {
          'alone p50, ms': percentile(alone, 0.5),
          'alone p99, ms': percentile(alone, 0.99),
          'beside p50, ms': percentile(beside, 0.5),
          'beside p99, ms': percentile(beside, 0.99),
          'p50 ratio': percentile(beside, 0.5) / percentile(alone, 0.5),
          'p99 ratio': percentile(beside, 0.99) / percentile(alone, 0.99),
          'pushes beside': beside.length,
          "A's messages/s": (mutations * AT_ONCE) / seconds,
          'busy, A': await a.order('load'),
          'busy, B': Math.max(await b.order('load'), await crowds.b.load()),
        };
      });
      report('fair', `latency of B at ${RATE} a second, alone and while A pushes ${RECIPIENTS}`, rounds, {
        'p99 ratio': { most: 5 },
      });
    } finally {
      for (const each of [a, b, ...Object.values(crowds)]) each.end();
    }
  },
  { MUTATION_RATE: '5000', MAX_CONNECTIONS_PER_ADDRESS: '10000' },
);

/** An access key of another tenant, made as an operator makes it. */
function createKey(dataDir) {
  const args = [
    'access-key',
    'create',
    '--tenant',
    'a',
    '--name',
    'bench',
    '--scope',
    'websockets-manager-api:mutation:*',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/cli/main.js', ...args], {
    env: { ...process.env, DATA_DIR: dataDir },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`No access key was made: ${stderr}`);
  return stdout.trim();
}
