// The end of the row `rolling`: everything comes to everybody, and is stored as DELIVERED.
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE = 60_000;

/** Waits until everything has come to everybody and is stored as DELIVERED, or for so long that something is lost. */
export async function settle(pool, backends, recipients) {
  const wanted = backends.globals.length * backends.names.length;
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(200)) {
    const progress = await Promise.all(recipients.map((child) => child.ask('progress')));
    const sum = (key) => progress.reduce((total, each) => total + each[key], 0);
    const { pending, proven } = await stored(pool);
    if (
      sum('away') === 0 &&
      sum('seen') >= backends.acknowledged.length &&
      sum('reached') >= wanted &&
      pending.length === 0 &&
      proven >= wanted
    )
      return;
  }
}

/** What the database has: the texts that are not DELIVERED, and how many deliveries of global messages are. */
export async function stored(pool) {
  const { rows } = await pool.query(
    "SELECT message || ' ' || recipient AS text FROM messages WHERE status <> 'DELIVERED'",
  );
  const {
    rows: [globals],
  } = await pool.query('SELECT count(*)::int AS proven FROM global_deliveries');
  return { pending: rows.map(({ text }) => text), proven: globals.proven };
}
