/** The first wait before coming back, and the longest, in milliseconds. The wait itself is random between 0 and these. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;
/** A connection that has been open for so long, in milliseconds, was a good one: the next wait is a first one again. */
const GOOD_AFTER = 5_000;
/** A page that was hidden for longer, in milliseconds, may have slept: its connection may be dead without a close. */
const ASLEEP_AFTER = 60_000;

/** Close codes after which nobody comes back until somebody has mended the page. */
const MISTAKES = [1008, 1009];
/** Close codes after which another token is needed. */
const NEEDS_TOKEN = [4401, 4403];
/** Close codes after which a client comes back at once: a node stops, or a new token is to be had. */
const AT_ONCE = [1012, ...NEEDS_TOKEN];

/**
 * Keeps a page connected to Homing, until `close` is called or there is no more to hope for.
 *
 * @param {object} options
 * @param {() => Promise<string | null>} options.getConnectionUri Asks your own server for a `connectionUri`: for a first one, and
 *   for another when that one may not be good any more. It gives null when this user may not listen, and throws when it should
 *   be asked again later.
 * @param {(event: { id: string, type: string, time: string, data: string, topic?: string }) => void} options.onMessage Gets each
 *   message as a CloudEvent. The same one can come again, with the same `id`.
 * @param {(state: 'connecting' | 'open' | 'waiting' | 'refused' | 'failed') => void} [options.onState] Is told how it stands.
 *   After `refused` (this user may not listen) and `failed` (the page has a mistake) nothing comes any more.
 * @returns {{ close(): void }}
 */
export function stayConnected({ getConnectionUri, onMessage, onState = () => {} }) {
  const ending = new AbortController();
  /** @type {WebSocket | null} */
  let socket = null;
  /** @type {WebSocket | null} One that may be dead. It is closed when the next is open, so that no message falls between. */
  let before = null;
  /** @type {string | null} */
  let uri = null;
  let attempt = 0;
  /** How many times it was begun: an answer that comes for one before is dropped. */
  let run = 0;
  let timer;
  let hiddenAt = 0;

  connect();
  // Another network, a page out of the browser's memory, and one that may have slept: the connection of before may be dead.
  listen(window, 'online', connectAnew);
  listen(window, 'pageshow', ({ persisted }) => persisted && connectAnew());
  // A page with an open connection is not kept for the way back.
  listen(window, 'pagehide', leave);
  listen(document, 'visibilitychange', () => {
    if (document.hidden) hiddenAt = Date.now();
    else if (socket?.readyState !== WebSocket.OPEN || Date.now() - hiddenAt > ASLEEP_AFTER) connectAnew();
  });
  return { close: end };

  function connect() {
    const mine = (run += 1);
    onState('connecting');
    Promise.resolve(uri ?? getConnectionUri()).then(
      (given) => mine === run && open(given),
      () => mine === run && wait(),
    );
  }

  /** @param {string | null} given */
  function open(given) {
    if (given === null) return finish('refused');
    uri = given;
    const opening = new WebSocket(given, 'cloudevents.json');
    let openedAt = Infinity;
    socket = opening;
    opening.addEventListener('open', () => {
      openedAt = Date.now();
      if (socket !== opening) return;
      before?.close();
      before = null;
      onState('open');
    });
    opening.addEventListener('message', ({ data }) => ending.signal.aborted || onMessage(JSON.parse(data)));
    opening.addEventListener('close', ({ code }) => socket === opening && closed(code, openedAt));
  }

  /** @param {number} code @param {number} openedAt */
  function closed(code, openedAt) {
    socket = null;
    if (Date.now() - openedAt > GOOD_AFTER) attempt = 0;
    if (MISTAKES.includes(code)) return finish('failed');
    // An upgrade that is refused is 1006, too, and a page never learns why: it may be the token.
    if (NEEDS_TOKEN.includes(code) || openedAt === Infinity) uri = null;
    if (!AT_ONCE.includes(code) || attempt > 0) return wait();
    attempt = 1;
    connect();
  }

  function wait() {
    onState('waiting');
    timer = setTimeout(connect, Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt));
    attempt += 1;
  }

  function leave() {
    clearTimeout(timer);
    run += 1;
    before?.close();
    socket?.close();
    before = socket = null;
  }

  function connectAnew() {
    clearTimeout(timer);
    before?.close();
    before = socket;
    socket = null;
    attempt = 0;
    connect();
  }

  function end() {
    leave();
    ending.abort();
  }

  /** @param {'refused' | 'failed'} state */
  function finish(state) {
    end();
    onState(state);
  }

  function listen(target, event, handler) {
    target.addEventListener(event, handler, { signal: ending.signal });
  }
}
