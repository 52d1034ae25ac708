// The tour, step by step.
import { Api, PUSH, REGISTER } from './api.js';
import { remember, show } from './code-panel.js';
import { Connection } from './connection.js';
import { announce, element } from './elements.js';
import { Everybody } from './everybody.js';
import { follow } from './follow.js';
import { forgetKey, keepKey, keptKey } from './kept-key.js';
import { Stage } from './stage.js';
import { Step } from './step.js';
import { outcome, Track } from './track.js';

const STILL_OPEN = 'The connection is open: the message would arrive at once. Close it first.';
const NOT_OPENED = 'The connection was not opened: the service has stopped, or refuses it.';

const steps = Object.fromEntries(
  ['key', 'recipient', 'connect', 'push', 'away', 'expiry', 'everybody'].map((name) => [
    name,
    new Step(`${name}-step`),
  ]),
);
const stage = new Stage();
/** By the ids of messages: their tracks, and those that arrived before the push was answered. */
const tracks = new Map();
const early = new Set();
let api;
let recipient = '';
let connection = null;
/** How far the clock of the service is ahead of this machine's, in milliseconds. */
let clockAhead = 0;

async function enter(key) {
  const candidate = new Api(key);
  await candidate.judge();
  api = candidate;
  keepKey(key);
  element('key-form').hidden = true;
  element('key-good').hidden = false;
  steps.key.finish();
  steps.recipient.reveal();
  element('recipient').focus();
  const everybody = new Everybody(api, steps.everybody);
  everybody.listener = () => (connection?.isOpen ? recipient : null);
}

async function register() {
  const input = { recipient: element('recipient').value };
  const { registerRecipient } = await api.ask(REGISTER, { input });
  await connection?.close();
  recipient = input.recipient;
  const { connectionUri } = registerRecipient;
  element('registered').hidden = false;
  element('uri').textContent = shortened(connectionUri);
  connection = new Connection(connectionUri, tellState, receive);
  stage.show(recipient);
  remember(connectionUri);
  show('Registered the recipient', REGISTER, { input });
  announce(`Registered: ${recipient}`);
  steps.recipient.finish();
  steps.connect.reveal();
}

function tellState(state, sentence) {
  stage.tell(state, sentence);
  if (state !== 'open') return;
  for (const step of Object.values(steps)) if (step.failed === NOT_OPENED) step.complain('');
  steps.connect.finish();
  steps.push.reveal();
}

/** The beginning of the token is enough to see that there is one. */
function shortened(uri) {
  const [address, token] = uri.split('token=');
  return `${address}token=${token.slice(0, 6)}…`;
}

function receive({ id, text }) {
  stage.receive(text);
  announce(`Arrived: ${text}`);
  const track = tracks.get(id);
  if (track) track.arrive();
  else early.add(id);
}

async function push(step, name, more = {}) {
  const input = { recipients: [recipient], message: element('text').value, ...more };
  const message = await api.push(input);
  clockAhead = new Date(message.createdAt) - Date.now();
  show(name, PUSH, { input });
  const track = new Track(message, step.tracks);
  tracks.set(message.id, track);
  announce(outcome(message));
  if (early.delete(message.id)) track.arrive();
  void watch(step, message, track);
}

async function watch(step, message, track) {
  let last = message;
  const tell = (now) => {
    last = now;
    track.update(now);
  };
  await follow(api, message, tell, (sentence) => step.complain(sentence));
  if (last.status === 'PENDING') return;
  announce(outcome(last));
  step.finish();
}

async function connect(step) {
  if (!(await connection.open())) step.complain(NOT_OPENED);
}

steps.key.on('key-form', () => enter(element('key').value.trim()));
steps.recipient.on('recipient-form', register);
steps.connect.on('connect', () => connect(steps.connect));
steps.push.on('push-form', async () => {
  await push(steps.push, 'Pushed to the recipient');
  steps.away.reveal();
});
steps.away.on('away-close', () => connection.close());
steps.away.on('away-push', async () => {
  if (connection.isOpen) return steps.away.complain(STILL_OPEN);
  await push(steps.away, 'Pushed to the recipient');
  steps.expiry.reveal();
});
steps.away.on('away-connect', () => connect(steps.away));
steps.expiry.on('expiry-form', async () => {
  await connection.close();
  const seconds = Number(element('lifetime').value);
  const expiresAt = new Date(Date.now() + clockAhead + 1_000 * seconds).toISOString();
  await push(steps.expiry, 'Pushed with an expiry', { expiresAt });
  steps.everybody.reveal();
});
steps.expiry.on('expiry-connect', () => connect(steps.expiry));
// A fresh page is the surest way to leave nothing of the key and of answers in memory.
element('forget').addEventListener('click', () => {
  forgetKey();
  location.reload();
});

const key = keptKey();
if (key === null) element('key').focus();
else {
  await enter(key).catch((error) => {
    if (error.code === 'UNAUTHENTICATED') forgetKey();
    steps.key.complain(error.message);
  });
}
