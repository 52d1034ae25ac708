// fanout: global messages of 64 bytes to 8,000 connections on one node, proven by their pongs and recorded as rows. Processor
// time of service, database and Redis for each delivery. References, in turn with it: a bare `ws` server's loop of `send`, and
// Socket.IO's `emit`, which neither store nor prove.
//
// All that a message causes is inside the time that is measured, up to the second recording of its proofs, which the ledger does 10
// to 20 s later, and up to a VACUUM, an ANALYZE and a CHECKPOINT for what was written: they are done by order at the end, so that it
// does not depend on when autovacuum comes by, and their part is told. Outside is what the connections cost anyway (pings, looks
// into their inboxes): it is measured before each round and taken off, for the references alike.
//
// A round is several messages, each sent when the one before has come to all. The first round warms all up, and is not counted.
// How busy the crowd was while messages came is told for each: its receiving takes no part in what is measured, only in how fast.
import { setTimeout as pause } from 'node:timers/promises';
import { Crowd } from './crowd/crowd.mjs';
import { withInstallation } from './installation.mjs';
import { beyondIdle } from './meter.mjs';
import { report } from './report.mjs';
import { startRivals } from './rivals/rival.mjs';
import { connectionUris, TOKEN_SECRETS } from './tokens.mjs';
import { installationTime, processorTime, usedBy } from './usage.mjs';

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 8_000);
const MESSAGES = Number(process.env.MESSAGES ?? 20);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const TEXT = 'The quick brown fox jumps over the lazy dog, and it barks a lot.';
/** As long as two rounds of the reconciler. */
const IDLE_TIME = 20_000;
/** The ledger records a proof again in the second round of the reconciler after it, at the latest. */
const SECOND_RECORDING = 22_500;

await withInstallation(
  async (installation) => {
    const { service, pool } = installation;
    await pool.query('ALTER SYSTEM SET autovacuum = off');
    await pool.query('SELECT pg_reload_conf()');
    const crowd = new Crowd();
    const rivals = await startRivals();
    try {
      await crowd.connect('ours', connectionUris(service, CONNECTIONS));
      const servers = {
        ours: {
          look: () => installationTime(installation),
          send: () => push(service),
          settle: () => pause(SECOND_RECORDING),
          tidy: () => tidy(pool),
        },
      };
      for (const [name, rival] of Object.entries(rivals)) {
        await crowd.connect(name, rival.uris(CONNECTIONS), rival.protocol);
        servers[name] = {
          look: () => ({ all: processorTime(rival.pid) }),
          send: () => rival.broadcast(TEXT),
          settle: () => undefined,
          tidy: () => undefined,
        };
      }
      const rounds = [];
      for (let round = 0; round <= ROUNDS; round += 1) {
        const figures = await measure(crowd, servers);
        await allRecorded(pool, round + 1);
        if (round > 0) rounds.push(figures);
      }
      report('fanout', `processor time for a delivery to one of ${CONNECTIONS} connections, µs`, rounds, {
        'to ws': { most: 1.5 },
        'to socket.io': { most: 1.3 },
      });
    } finally {
      crowd.end();
      for (const rival of Object.values(rivals)) rival.end();
    }
  },
  { TOKEN_SECRETS },
);

/** A round: what each server needs for a delivery, one after the other. */
async function measure(crowd, servers) {
  const idle = await idleOf(servers);
  const costs = {};
  for (const name of ['ws', 'ours', 'socket.io']) costs[name] = await cost(crowd, servers[name], idle[name]);
  const { ours, ws, 'socket.io': socketIo } = costs;
  return {
    ours: ours.all,
    service: ours.service,
    database: ours.database,
    ...(ours.redis !== undefined && { redis: ours.redis }),
    'of it vacuum': ours.tidying,
    ws: ws.all,
    'socket.io': socketIo.all,
    'to ws': ours.all / ws.all,
    'to socket.io': ours.all / socketIo.all,
    'taken off ours': ours.takenOff,
    'crowd busy, ours': ours.busy,
    'crowd busy, ws': ws.busy,
    'crowd busy, socket.io': socketIo.busy,
  };
}

/** What each server uses a second, in microseconds, while nothing is sent. */
async function idleOf(servers) {
  const resting = Object.entries(servers).map(async ([name, { look }]) => {
    const used = await usedBy(look, () => pause(IDLE_TIME));
    return [name, Object.fromEntries(Object.entries(used).map(([part, value]) => [part, value / used.seconds]))];
  });
  return Object.fromEntries(await Promise.all(resting));
}

/** Sends messages, each when the one before has come to all; gives the processor time of a delivery in microseconds. */
async function cost(crowd, { look, send, settle, tidy }, idle) {
  let [busy, tidying] = [];
  const used = await usedBy(look, async () => {
    await crowd.load();
    for (let i = 0; i < MESSAGES; i += 1) {
      const all = crowd.expect(CONNECTIONS, 1);
      await send();
      await all;
    }
    busy = await crowd.load();
    await settle();
    tidying = await usedBy(look, tidy);
  });
  const deliveries = MESSAGES * CONNECTIONS;
  const each = Object.entries(beyondIdle(used, idle)).map(([part, time]) => [part, time / deliveries]);
  return {
    ...Object.fromEntries(each),
    tidying: tidying.all / deliveries,
    takenOff: (idle.all * used.seconds) / deliveries,
    busy,
  };
}

function push({ graphql }) {
  return graphql('mutation($m: String!) { pushGlobalMessage(input: { message: $m }) { id } }', { m: TEXT });
}

/** What the database would do for the new rows by itself, at some time. */
async function tidy(pool) {
  const { rows } = await pool.query(
    'SELECT relid::regclass AS name FROM pg_stat_user_tables WHERE n_mod_since_analyze > 0',
  );
  await pool.query(`VACUUM ANALYZE ${rows.map(({ name }) => name).join(', ')}`);
  await pool.query('CHECKPOINT');
}

/** Throws unless every delivery of so many rounds is a row. */
async function allRecorded(pool, rounds) {
  const { rows } = await pool.query('SELECT count(*)::int AS count FROM global_deliveries');
  const wanted = rounds * MESSAGES * CONNECTIONS;
  if (rows[0].count !== wanted) throw new Error(`${rows[0].count} deliveries are recorded, and not ${wanted}.`);
}
