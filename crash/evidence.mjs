// Asks for all that can be known when everything is over.
import { readJournal } from './journal.mjs';

export async function gather({ api, database, journals, settled }) {
  const globals = await api.globalMessages();
  const deliveries = [];
  for (const { id } of globals) deliveries.push(...(await api.messages({ globalMessageId: id })));
  const [backends, recipients, tormentor, observer] = await Promise.all(
    ['backends', 'recipients', 'tormentor', 'observer'].map((party) => readJournal(journals(party))),
  );
  return {
    pushes: backends,
    recipients,
    messages: await api.messages(),
    listed: Date.now(),
    globalIds: globals.map(({ id }) => id),
    deliveries,
    doubledGlobals: await database.doubledGlobals(),
    audit: await database.audit(),
    samples: observer,
    pauses: tormentor.filter(({ kind }) => kind === 'pause'),
    settled,
  };
}
