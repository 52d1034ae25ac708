// A connection of a recipient, which lives in this page.

/** Envelopes instead of bare texts, so that a message is known again by its id. A page that need not do that leaves it out. */
const SUBPROTOCOL = 'cloudevents.json';

/** Close codes after which coming back with the same token is of no use, and what to do instead. */
const ENDS = new Map([
  [1002, 'Something on the way broke the protocol of the connection (1002).'],
  [1008, 'The service closed the connection, since this page broke its rules (1008).'],
  [1009, 'The service closed the connection, since this page sent too much (1009).'],
  [4401, 'The token has expired (4401). Register again.'],
  [4403, 'The token was revoked (4403). Register again.'],
]);
/** In milliseconds. */
const [FIRST_WAIT, LONGEST_WAIT] = [1_000, 15_000];

export class Connection {
  #uri;
  #tell;
  #receive;
  #socket = null;
  #opening = null;
  #timer = 0;
  #wait = FIRST_WAIT;

  /**
   * @param {string} uri
   * @param {(state: 'open' | 'closed' | 'lost', sentence: string) => void} tell what became of the connection
   * @param {(message: { id: string, text: string }) => void} receive
   */
  constructor(uri, tell, receive) {
    this.#uri = uri;
    this.#tell = tell;
    this.#receive = receive;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects, unless it is connected. Gives whether that came about; if not it goes on trying. */
  async open() {
    if (this.isOpen) return true;
    this.#opening ??= this.#connect().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #connect() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#uri, SUBPROTOCOL);
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const { id, data: text } = JSON.parse(data);
      this.#receive({ id, text });
    });
    const opened = await new Promise((resolve) => {
      socket.addEventListener('open', () => resolve(true));
      socket.addEventListener('close', () => resolve(false));
    });
    socket.addEventListener('close', ({ code }) => this.#ended(socket, code));
    if (!opened) this.#ended(socket, 1006);
    else if (socket === this.#socket) {
      this.#wait = FIRST_WAIT;
      this.#tell('open', 'Connected');
    }
    return opened;
  }

  /** Closes the connection, and waits until the service has heard of it. */
  async close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null && socket.readyState !== WebSocket.CLOSED) {
      const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
      socket.close(1000);
      await closed;
    }
    this.#tell('closed', 'Not connected');
  }

  /** Nobody here wanted that: it comes back, a little later each time, unless that is of no use. */
  #ended(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    const end = ENDS.get(code);
    if (end !== undefined) return this.#tell('closed', end);
    const why = code === 1012 ? 'The service stops or restarts (1012).' : 'The connection has ended, or was refused.';
    this.#tell('lost', `${why} Trying again …`);
    this.#timer = setTimeout(() => void this.open(), code === 1012 ? FIRST_WAIT : this.#wait);
    this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
  }
}
