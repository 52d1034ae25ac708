// A part of the recipients of the row `rolling`, a process of its own. Each does what the page in README does: after 1012 it
// connects again at once, after anything else a little later each time. Tells its parent what all of them saw.
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { watchLoad } from './load.mjs';

const AT_ONCE = 25;
const RESTART = 1_012;

const closings = [];
const openings = [];
/** Answers to upgrades that were no 101, and connections that failed without one. */
const refusals = {};
/** When each message first came to whom it was for, and how many recipients each global one reached. */
const seen = new Map();
const reach = new Map();
let repeats = 0;
/** How many are not connected. */
let away = 0;
const end = new AbortController();
const sockets = new Set();
const load = watchLoad();

process.on('message', async ({ recipients, order }) => {
  if (recipients) {
    for (let i = 0; i < recipients.length; i += AT_ONCE)
      await Promise.all(
        recipients.slice(i, i + AT_ONCE).map((recipient) => new Promise((open) => void stay(recipient, open))),
      );
    process.send({ connected: recipients.length });
  }
  if (order === 'progress')
    process.send({
      progress: { away, seen: seen.size, reached: [...reach.values()].reduce((sum, each) => sum + each, 0) },
    });
  if (order === 'report') {
    end.abort();
    for (const socket of sockets) socket.terminate();
    const report = { closings, openings, refusals, seen: [...seen], reach: [...reach], repeats, load: load() };
    process.send({ report }, () => process.exit());
  }
});

/** Stays connected for as long as the run takes. */
async function stay({ name, uri }, onOpen) {
  const globals = new Set();
  let closed = Date.now();
  away += 1;
  for (let wait = 1_000; !end.signal.aborted; wait = Math.min(2 * wait, 60_000)) {
    const code = await new Promise((resolve) => {
      const socket = new WebSocket(uri);
      sockets.add(socket);
      socket.on('open', () => {
        wait = 500;
        openings.push({ at: Date.now(), gap: Date.now() - closed });
        closed = null;
        away -= 1;
        onOpen();
      });
      socket.on('message', (data) => note(name, String(data), globals));
      socket.on('error', ({ code, message }) => count(code ?? message));
      socket.on('close', resolve);
      socket.on('close', () => sockets.delete(socket));
    });
    if (closed === null) {
      closed = Date.now();
      away += 1;
      closings.push({ at: closed, code });
    }
    await pause(code === RESTART ? 0 : wait * Math.random());
  }
}

function note(name, text, globals) {
  const key = text.startsWith('global') ? text : `${text} ${name}`;
  if (globals.has(key) || seen.has(key)) repeats += 1;
  else if (key === text) {
    globals.add(text);
    reach.set(text, (reach.get(text) ?? 0) + 1);
  } else seen.set(key, Date.now());
}

function count(refusal) {
  refusals[refusal] = (refusals[refusal] ?? 0) + 1;
}
