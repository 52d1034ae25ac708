// idle: 8,000 connections to which nothing is sent. The memory (RSS) of each in the service's process beyond what that had before
// them, and the processor time of service, database and Redis in a minute, with pings at their default (25 s). References, with as many
// connections: a bare `ws` server, which does not ping, and Socket.IO, which does by default (25 s, too).
//
// Each round has new processes, of all three: one that has had connections before keeps room for the next ones, and they would
// look smaller than they are. So what a process needs to handle its first connections (compiled code, a larger heap) is among what is
// told. All three collect their garbage before either look at their memory. The tokens are not made by the service.
//
// Outside is the memory of the kernel for the sockets, which is the same for all. What the database needs more than before is told, what
// is shared by its processes counts once. The processor time is that of the same minute for all three, and all that they use.
import { setTimeout as pause } from 'node:timers/promises';
import { Crowd } from './crowd/crowd.mjs';
import { COLLECTING, memoryInUse } from './garbage.mjs';
import { withInstallation } from './installation.mjs';
import { report } from './report.mjs';
import { startRivals } from './rivals/rival.mjs';
import { connectionUris, TOKEN_SECRETS } from './tokens.mjs';
import { installationTime, memory, memoryOfChildren, processorTime, usedBy } from './usage.mjs';

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 8_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
/** A whole number of pings, of rounds of the reconciler and of slices of both. */
const SECONDS = Number(process.env.SECONDS ?? 50);
/** After a start, and after many connections: until nothing more comes of it. */
const REST = 5_000;
const KIB = 1_024;

const rounds = [];
while (rounds.length < ROUNDS)
  await withInstallation(async (installation) => rounds.push(await round(installation)), { TOKEN_SECRETS }, COLLECTING);
report('idle', `KiB for each of ${CONNECTIONS} idle connections, and ms of processor time a minute for all`, rounds, {
  ours: { most: 12 },
  'to socket.io': { most: 1 },
});

async function round(installation) {
  const { service, redis } = installation;
  const crowd = new Crowd();
  const rivals = await startRivals(COLLECTING);
  try {
    await pause(REST);
    const database = () => memoryOfChildren(service.child.pid);
    const before = { database: database(), redis: redis && memory(redis.pid) };
    const sizes = {
      ours: await memoryOfEach(service.child.pid, () => crowd.connect('ours', connectionUris(service, CONNECTIONS))),
    };
    const after = { database: database(), redis: redis && memory(redis.pid) };
    for (const [name, rival] of Object.entries(rivals))
      sizes[name] = await memoryOfEach(rival.pid, () => crowd.connect(name, rival.uris(CONNECTIONS), rival.protocol));
    await crowd.load();
    const minute = await processorTimes(installation, rivals);
    return {
      ...sizes,
      'to socket.io': sizes.ours / sizes['socket.io'],
      'database, MiB': (after.database - before.database) / KIB ** 2,
      ...(redis && { 'redis, MiB': (after.redis - before.redis) / KIB ** 2 }),
      ...minute,
      'crowd busy': await crowd.load(),
    };
  } finally {
    crowd.end();
    for (const rival of Object.values(rivals)) rival.end();
  }
}

/** What a process has in use more after `connect`, in KiB for each connection. */
async function memoryOfEach(pid, connect) {
  const before = await memoryInUse(pid);
  await connect();
  await pause(REST);
  return ((await memoryInUse(pid)) - before) / CONNECTIONS / KIB;
}

/** What each server uses in a minute in which nothing happens, in milliseconds. */
async function processorTimes(installation, rivals) {
  const look = () => ({
    ...Object.fromEntries(Object.entries(installationTime(installation)).map(([part, time]) => [`${part} ms`, time])),
    ...Object.fromEntries(Object.entries(rivals).map(([name, { pid }]) => [`${name} ms`, processorTime(pid)])),
  });
  const { seconds, ...used } = await usedBy(look, () => pause(SECONDS * 1_000));
  return Object.fromEntries(Object.entries(used).map(([name, time]) => [name, (time / 1_000 / seconds) * 60]));
}
