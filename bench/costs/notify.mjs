// What a NOTIFY costs the database, and how that grows with the sessions that listen: PostgreSQL wakes each of them, whatever channel
// it listens to. And how many a second are possible: their commits wait for each other.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const LISTENERS = [1, 21, 41];
const SENDERS = 8;
const SECONDS = 6;
const NOTIFY = 'SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS notice(channel, payload)';
const PAYLOAD = JSON.stringify(['m', 'demo', 123_456_789, 'd9f3c17a-c6de-4e5e-b42b-0123456789ab']);

export async function notify({ meter, url }) {
  const pool = new pg.Pool({ connectionString: url, max: SENDERS });
  const listeners = [];
  const rounds = [];
  try {
    for (const count of LISTENERS) {
      while (listeners.length < count) {
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        await client.query(`LISTEN bench_${listeners.length}`);
        listeners.push(client);
      }
      await pause(1_000);
      const before = await meter.look();
      const sent = await send(pool);
      await pause(1_000);
      const after = await meter.look();
      rounds.push({ rate: sent / SECONDS, cpu: (after['cpu.database'] - before['cpu.database']) / sent });
    }
  } finally {
    for (const client of listeners) await client.end();
    await pool.end();
  }
  const [one, , many] = rounds;
  const more = LISTENERS.at(-1) - LISTENERS[0];
  return {
    'notify.rate': one.rate,
    'notify.rate.listeners': many.rate,
    'notify.database.cpu': one.cpu,
    'notify.listener.cpu': (many.cpu - one.cpu) / more,
  };
}

/** Sends to one listener, from all senders at once; gives how many were sent. */
async function send(pool) {
  let sent = 0;
  const end = performance.now() + SECONDS * 1_000;
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      while (performance.now() < end) {
        await pool.query({ name: 'notify', text: NOTIFY, values: [['bench_0'], [PAYLOAD]] });
        sent += 1;
      }
    }),
  );
  return sent;
}
