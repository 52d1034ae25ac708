// connect: recipients connect, 64 at a time, each with a token that is read and no message that waits. Processor time of service,
// database and Redis for each connection. Reference, in turn with it and by the same crowd: a Socket.IO server, whose handshake is an
// upgrade and a packet each way, without tokens and without a database. And the time that the reading of a token takes.
//
// The time is measured until what comes after the upgrade is done, too: the backlog is read, and other nodes can know who is here. Then
// all leave again, ours and theirs alike, and that is not counted. What a server does anyway in these seconds is.
// The first round warms both up, and is not counted. How many connections come a second depends on the crowd as well, which is on the same
// machine: how busy it was is told for both.
import { setTimeout as pause } from 'node:timers/promises';
import { Crowd } from './crowd/crowd.mjs';
import { withInstallation } from './installation.mjs';
import { report } from './report.mjs';
import { Rival } from './rivals/rival.mjs';
import { connectionUris, readingTime, TOKEN_SECRETS } from './tokens.mjs';
import { installationTime, processorTime, usedBy } from './usage.mjs';

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 4_000);
const AT_ONCE = Number(process.env.AT_ONCE ?? 64);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const TOKENS = 20_000;
/** In this time the last of them have what they need, and in this time the servers have forgotten who left. */
const REST = 2_000;

await withInstallation(
  async (installation) => {
    const socketIo = await Rival.start('socket.io');
    const crowd = new Crowd();
    try {
      const ourUris = connectionUris(installation.service, CONNECTIONS);
      const theirUris = socketIo.uris(CONNECTIONS);
      const rounds = [];
      for (let round = 0; round <= ROUNDS; round += 1) {
        const theirs = await accept(crowd, () => ({ all: processorTime(socketIo.pid) }), theirUris, socketIo.protocol);
        const ours = await accept(crowd, () => installationTime(installation), ourUris);
        const token = readingTime(TOKENS);
        if (round > 0) rounds.push(figures(ours, theirs, token));
      }
      report('connect', `processor time for each of ${CONNECTIONS} connections, µs, ${AT_ONCE} at a time`, rounds, {
        ratio: { most: 1.5 },
        'a token': { most: 50 },
      });
    } finally {
      crowd.end();
      socketIo.end();
    }
  },
  { TOKEN_SECRETS },
);

/** Lets all connect, and leave again; gives what each connection used in microseconds, and how many there were a second. */
async function accept(crowd, look, uris, protocol) {
  await crowd.load();
  let [rate, busy] = [];
  const began = performance.now();
  const { seconds: _, ...used } = await usedBy(look, async () => {
    await crowd.connect('all', uris, protocol, AT_ONCE);
    rate = uris.length / ((performance.now() - began) / 1_000);
    busy = await crowd.load();
    await pause(REST);
  });
  await crowd.leave('all');
  await pause(REST);
  return { ...Object.fromEntries(Object.entries(used).map(([part, time]) => [part, time / uris.length])), rate, busy };
}

function figures(ours, theirs, token) {
  return {
    ours: ours.all,
    service: ours.service,
    database: ours.database,
    ...(ours.redis !== undefined && { redis: ours.redis }),
    'socket.io': theirs.all,
    ratio: ours.all / theirs.all,
    'ours/s': ours.rate,
    'socket.io/s': theirs.rate,
    'crowd busy, ours': ours.busy,
    'crowd busy, socket.io': theirs.busy,
    'a token': token,
  };
}
