// costs: what the capacity model needs to know. What a connection, an upgrade, a push, a global delivery, a job and a signal cost
// each role, the database and Redis: processor time in microseconds, bytes, statements. `--write` puts it into costs.json.
import { connections } from './costs/connections.mjs';
import { idleNodes } from './costs/idle-nodes.mjs';
import { startInstallation } from './costs/installation.mjs';
import { globals, pushes, widePushes } from './costs/messages.mjs';
import { notify } from './costs/notify.mjs';
import { queue } from './costs/queue.mjs';
import { report, write } from './costs/report.mjs';
import { storage } from './costs/storage.mjs';
import { connectAll, recipients } from './load.mjs';
import { hasRedis } from './redis-server.mjs';

/** To whom is pushed. */
const RECIPIENTS = 1_000;

const measured = {};
for (const backEnd of ['postgres', ...(hasRedis ? ['redis'] : [])]) {
  measured[backEnd] = { ...(await idleNodes(backEnd)), ...(await measure(backEnd)) };
  report(backEnd, measured[backEnd]);
}
if (process.argv.includes('--write')) write(measured);

async function measure(backEnd) {
  const installation = await startInstallation(backEnd);
  try {
    const names = recipients(RECIPIENTS, 'stored');
    const few = await connectAll(names, async (name) => installation.connect(await installation.register(name)));
    await installation.rest(30);
    const messages = { ...(await pushes(installation, names)), ...(await widePushes(installation, names)) };
    for (const { close } of few) close();
    await installation.rest(30);
    const { listening, costs } = await connections(installation);
    return {
      ...costs,
      ...messages,
      ...(await globals(installation, listening)),
      ...(await queue(installation)),
      ...(!installation.redis && { ...(await notify(installation)), ...(await storage(installation.url)) }),
    };
  } finally {
    await installation.stop();
  }
}
