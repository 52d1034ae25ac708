// The backend of the example: it serves the page, and alone knows the access key.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';

const { HOMING_URL = 'http://localhost:3000', HOMING_KEY, HOST = '127.0.0.1', PORT = '8080' } = process.env;
if (!HOMING_KEY) throw new Error('Set HOMING_KEY to an access key of Homing.');

const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/notifications.js': ['notifications.js', 'text/javascript; charset=utf-8'],
  '/stay-connected.js': ['stay-connected.js', 'text/javascript; charset=utf-8'],
};

/**
 * Who has sent this request. **Your session check goes here**: read your session's cookie, and give the id of the user who is
 * logged in, or null. Never take the name from the request itself, or anybody can listen as anybody.
 */
function signedInUser(_request) {
  return 'ann';
}

/** Foreign pages can make a browser send its cookies here, but not lie about where they come from. */
function isFromOurPage({ headers }) {
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}

const ACTIONS = {
  /** Gives the page of the signed-in user what it needs to listen as that user, and from no other site. */
  'POST /connect': async (user, request) => {
    const { registerRecipient } = await homing(
      'mutation ($input: RegisterRecipientInput!) { registerRecipient(input: $input) { connectionUri } }',
      { recipient: user, origin: request.headers.origin },
    );
    return registerRecipient;
  },

  /** What your application does when something has happened that concerns a user. Here a button of the page does it. */
  'POST /notify': async (user) => {
    const { pushMessage } = await homing(
      'mutation ($input: MessageInput!) { pushMessage(input: $input) { item { id } error { message } } }',
      { recipients: [user], message: `It is ${new Date().toLocaleTimeString('en-GB')}, and all is well.` },
    );
    if (pushMessage[0].error) throw new Error(pushMessage[0].error.message);
    return pushMessage[0].item;
  },
};

async function homing(query, input) {
  const response = await fetch(`${HOMING_URL}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': HOMING_KEY },
    body: JSON.stringify({ query, variables: { input } }),
    signal: AbortSignal.timeout(10_000),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

const server = createServer(async (request, response) => {
  const file = request.method === 'GET' && FILES[request.url];
  if (file) {
    response.setHeader('content-type', file[1]).setHeader('cache-control', 'no-cache');
    createReadStream(new URL(file[0], import.meta.url)).pipe(response);
    return;
  }
  const action = ACTIONS[`${request.method} ${request.url}`];
  const user = signedInUser(request);
  if (!action || !isFromOurPage(request) || user === null) {
    response.writeHead(!action ? 404 : user === null ? 401 : 403).end();
    return;
  }
  try {
    const answer = JSON.stringify(await action(user, request));
    response.setHeader('content-type', 'application/json').setHeader('cache-control', 'no-store').end(answer);
  } catch (error) {
    console.error(error);
    response.writeHead(503).end();
  }
});

server.listen(Number(PORT), HOST, () => {
  const { port } = Object(server.address());
  console.log(`The example is on http://localhost:${port}`);
});
