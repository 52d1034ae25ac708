// Homing from Node.js 20 or later, without a library: node examples/backend/homing.mjs
import { pathToFileURL } from 'node:url';

const { HOMING_URL = 'http://localhost:3000', HOMING_KEY = '' } = process.env;
/** How often a request is tried, and how long an answer is waited for, in milliseconds. */
const TRIES = 5;
const TIMEOUT = 30_000;
/** The codes of a request that never reached the service. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

/** The service refused. `code` is its `extensions.code`, `field` the offending field where there is one. */
export class HomingError extends Error {
  /** @param {{ message: string, extensions?: { code?: string, field?: string } }} error */
  constructor({ message, extensions = {} }) {
    super(message);
    this.code = extensions.code;
    this.field = extensions.field;
  }
}

/** A push of which nobody knows whether it was stored. Pushing it again may make a second message. */
export class OutcomeUnknown extends Error {}

/** Gives the URI at which the browser of this recipient connects. */
export async function register(recipient, more = {}) {
  const document = 'mutation ($input: RegisterRecipientInput!) { registerRecipient(input: $input) { connectionUri } }';
  const data = await send(document, { input: { recipient, ...more } }, { repeatable: true });
  return data.registerRecipient.connectionUri;
}

/** Pushes a message to these recipients. Gives what was stored, and for whom it was refused: the others have theirs. */
export async function push(recipients, message, more = {}) {
  const document = `mutation ($input: MessageInput!) {
    pushMessage(input: $input) { item { id recipient status expiresAt } error { message } }
  }`;
  const { pushMessage } = await send(document, { input: { recipients, message, ...more } }, { repeatable: false });
  // One result for each recipient, in the order of the input, from which those that were named twice are taken out.
  const names = [...new Set(recipients)];
  return {
    stored: pushMessage.flatMap(({ item }) => item ?? []),
    refused: pushMessage.flatMap(({ error }, i) => (error ? { recipient: names[i], reason: error.message } : [])),
  };
}

/** Pushes a message to all recipients; with an `expiresAt` also to those who connect before it. */
export async function pushGlobally(message, more = {}) {
  const document = 'mutation ($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id expiresAt } }';
  return (await send(document, { input: { message, ...more } }, { repeatable: false })).pushGlobalMessage;
}

/** All messages that match, newest first, read page by page while they are asked for. */
export async function* messages(filter = {}) {
  const document = `query ($filter: MessagesFilter, $nextToken: String) {
    messages(filter: $filter, limit: 1000, nextToken: $nextToken) { items { id recipient message status } nextToken }
  }`;
  let nextToken = null;
  do {
    const page = (await send(document, { filter, nextToken }, { repeatable: true })).messages;
    yield* page.items;
    nextToken = page.nextToken;
  } while (nextToken !== null);
}

/** Sends an operation, and again where that is safe: always when nothing was stored, and else when it may be done twice. */
async function send(query, variables, { repeatable }) {
  for (let tries = 1; ; tries += 1) {
    const { answer, status, retryAfter, failure } = await post(JSON.stringify({ query, variables }));
    if (answer?.data && !answer.errors) return answer.data;
    const [error] = answer?.errors ?? [];
    const passes = failure !== undefined || status === 429 || status === 502 || status === 503 || status === 504;
    const brokeInside = error?.extensions?.code === 'INTERNAL_SERVER_ERROR';
    if (!passes && (repeatable || !brokeInside))
      throw error ? new HomingError(error) : new Error(`Homing answered ${status}`);
    const nothingStored =
      status === 429 || NOT_SENT.includes(failure?.cause?.code) || error?.message.includes('Nothing was stored');
    if (!repeatable && !nothingStored)
      throw new OutcomeUnknown(error?.message ?? `No answer: ${String(status ?? failure)}`);
    if (tries === TRIES) throw error ? new HomingError(error) : (failure ?? new Error(`Homing answered ${status}`));
    // What it says, or a little longer each time; spread, so that many callers don't come back together.
    const seconds = retryAfter ?? 2 ** (tries - 1);
    await new Promise((resolve) => setTimeout(resolve, 1_000 * seconds * (1 + Math.random())));
  }
}

async function post(body) {
  try {
    const response = await fetch(`${HOMING_URL}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': HOMING_KEY },
      body,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    const retryAfter = Number(response.headers.get('retry-after')) || undefined;
    return { answer: isJson ? JSON.parse(text) : undefined, status: response.status, retryAfter };
  } catch (failure) {
    return { failure };
  }
}

/** What it looks like in use. */
async function main() {
  console.log('ann connects at', await register('ann'));
  const { stored, refused } = await push(['ann', 'bob', ''], 'Hello from Node.js');
  for (const { recipient, id } of stored) console.log('stored for', recipient, id);
  for (const { recipient, reason } of refused) console.log('refused for', JSON.stringify(recipient), reason);
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  await push(['ann'], 'Node.js: this is gone in an hour', { expiresAt: inAnHour });
  await pushGlobally('Node.js: this is for all');
  for await (const { message, status } of messages({ recipient: 'ann' })) console.log(status, message);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
