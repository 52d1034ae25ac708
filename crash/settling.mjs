import { setTimeout as pause } from 'node:timers/promises';
import { DEVICES, TOPIC } from './cast.mjs';
import { RECOVERY } from './recovery.mjs';

/** While its recipient is connected and the parts are up, a message is on its way within 30 s. */
const PROMISE = 30_000;
/** Even when nothing waits, the service gets a round of its reconciler to do something wrong. */
const LEAST = 12_000;

/** Lets everything come to rest: everybody honest and connected. Gives from when to when that was so. */
export async function settle({ recipients, database }) {
  await recipients.order('honest');
  for (const deadline = Date.now() + RECOVERY; !(await recipients.order('open'));) {
    if (Date.now() > deadline) throw new Error('Not every recipient could connect when all was over.');
    await pause(100);
  }
  const from = Date.now();
  while (Date.now() - from < LEAST || (Date.now() - from < PROMISE && (await anyOwed(database)))) await pause(500);
  return { from, to: Date.now() };
}

async function anyOwed(database) {
  const labelled = DEVICES.filter(({ topic }) => topic !== null).map(({ recipient }) => recipient);
  const [{ owed }] = await database.query(
    `SELECT EXISTS (SELECT FROM messages WHERE status = 'PENDING' AND (expires_at IS NULL OR expires_at > now())
       AND (topic IS NULL OR (topic = $1 AND recipient = ANY($2)))) AS owed`,
    [TOPIC, labelled],
  );
  return owed;
}
