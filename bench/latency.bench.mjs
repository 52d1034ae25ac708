// latency: 100 pushes a second, each to another of 1,000 connected recipients; from the mutation's request to the frame at the
// client, which are processes of their own with one clock. Reference, in turn with it: 100 bare single-row INSERTs a second, over
// the pool of the process that pushes.
import { startBackends } from './backends/start.mjs';
import { Crowd } from './crowd/crowd.mjs';
import { withInstallation } from './installation.mjs';
import { connectAll, recipients } from './load.mjs';
import { measureRounds, percentile, report } from './report.mjs';

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 1_000);
const SECONDS = Number(process.env.SECONDS ?? 20);
const RATE = 100;

await withInstallation(async ({ service }) => {
  const backends = await startBackends(service);
  const crowd = new Crowd();
  try {
    const names = recipients(CONNECTIONS, 'recipient');
    await crowd.connect('recipients', await connectAll(names, service.register));
    const rounds = await measureRounds(async () => {
      const inserts = await backends.order('insertAtRate', { rate: RATE, seconds: SECONDS });
      await backends.order('load');
      await crowd.load();
      const pushes = await crowd.agesDuring(() =>
        backends.order('pushAtRate', { recipients: names, rate: RATE, seconds: SECONDS }),
      );
      const figures = Object.fromEntries(
        [0.5, 0.99].flatMap((share) => {
          const [insert, push] = [percentile(inserts, share), percentile(pushes, share)];
          const name = `p${share * 100}`;
          return [
            [`INSERT ${name}, ms`, insert],
            [`push ${name}, ms`, push],
            [`${name} ratio`, push / insert],
          ];
        }),
      );
      return { ...figures, 'busy pushing': await backends.order('load'), 'busy receiving': await crowd.load() };
    });
    report('latency', `${RATE} pushes a second to ${CONNECTIONS} connections, from the request to the frame`, rounds, {
      'p50 ratio': { most: 4 },
      'p99 ratio': { most: 10 },
    });
  } finally {
    crowd.end();
    backends.end();
  }
});
