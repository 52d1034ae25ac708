// How many messages a second can be pushed and proven, beside bare INSERTs.
import { startBackends } from './backends/start.mjs';
import { Crowd } from './crowd/crowd.mjs';
import { withInstallation } from './installation.mjs';
import { connectAll, recipients } from './load.mjs';
import { measureRounds, report } from './report.mjs';

const BACKENDS = 16;
const SECONDS = Number(process.env.SECONDS ?? 6);

/** Measures and reports: each of 16 backends pushes to `each` recipients of its own, all connected, for as long as it inserts rows before. */
export async function comparePushes(row, work, { each, goal }) {
  await withInstallation(async ({ service }) => {
    const backends = await startBackends(service);
    const crowd = new Crowd();
    try {
      const names = recipients(BACKENDS * each, 'recipient');
      await crowd.connect('recipients', await connectAll(names, service.register));
      const groups = Array.from({ length: BACKENDS }, (_, i) => names.slice(i * each, (i + 1) * each));
      const rounds = await measureRounds(async () => {
        await backends.order('load');
        const reference = await backends.order('insert', { seconds: SECONDS });
        const inserting = await backends.order('load');
        await crowd.load();
        const pushes = await backends.order('push', { groups, seconds: SECONDS });
        return {
          'INSERTs/s': reference.rate,
          'messages/s': pushes.rate * each,
          ratio: (pushes.rate * each) / reference.rate,
          pushed: pushes.count * each,
          arrived: await crowd.count(),
          'busy inserting': inserting,
          'busy pushing': await backends.order('load'),
          'busy receiving': await crowd.load(),
        };
      });
      report(row, work, rounds, { ratio: { least: goal } });
    } finally {
      crowd.end();
      backends.end();
    }
  });
}
