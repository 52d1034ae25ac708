// A device of a recipient: a plain WebSocket client that connects again whenever it is disconnected, misbehaves in its own
// manner, and writes down all that it sees and every pong that it sends.
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { keyOf } from './text.mjs';

const BACKOFF = { from: 50, to: 400 };
/** A connection on which nothing came for this long, not even a ping, is given up. */
const SILENCE = 8_000;

let lastConnection = 0;

export class Device {
  #role;
  #uris;
  #journal;
  #random;
  #honest = false;
  #socket = null;
  #heardAt = 0;

  /** @param uris one for each node; it connects to any of them, each time anew */
  constructor(role, uris, journal, random) {
    this.#role = role;
    this.#uris = uris;
    this.#journal = journal;
    this.#random = random;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** From now on it reads and answers at once. */
  becomeHonest() {
    this.#honest = true;
    this.#socket?.resume();
    // What it did not answer as a mute can't be answered any more, and the proxy may have swallowed a part.
    if (this.#role.manner !== 'prompt') this.#socket?.terminate();
  }

  async run() {
    for (;;) {
      await this.#connect();
      const away = this.#role.manner === 'leaving' && !this.#honest && this.#random.chance(0.3);
      await pause(away ? this.#random.between(1_000, 6_000) : this.#random.between(BACKOFF.from, BACKOFF.to));
    }
  }

  /** One connection, from its opening to its end. */
  #connect() {
    lastConnection += 1;
    const connection = lastConnection;
    const { device, recipient, topic, manner, protocol } = this.#role;
    const note = (kind, fields) => this.#journal.write(kind, { connection, ...fields });
    // Pongs are sent by hand, so that each is known.
    const node = this.#random.between(0, this.#uris.length - 1);
    const socket = new WebSocket(this.#uris[node], protocol ?? [], {
      autoPong: false,
      handshakeTimeout: 4_000,
    });
    const mute = manner === 'mute' && !this.#honest && this.#random.chance(0.7);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.on('open', () => {
      note('open', { device, recipient, topic, node, prompt: manner === 'prompt' });
      this.#misbehave(socket);
    });
    socket.on('message', (data) => {
      this.#heardAt = Date.now();
      note('frame', { key: keyOf(protocol === null ? String(data) : JSON.parse(data).data) });
    });
    socket.on('ping', (payload) => {
      this.#heardAt = Date.now();
      if (mute || socket.readyState !== WebSocket.OPEN) return;
      socket.pong(payload);
      note('pong', {});
    });
    socket.on('error', () => undefined);
    const watch = setInterval(() => {
      if (!socket.isPaused && Date.now() - this.#heardAt > SILENCE) socket.terminate();
    }, 1_000);
    return new Promise((resolve) => {
      socket.on('close', (code) => {
        clearInterval(watch);
        note('close', { code });
        resolve();
      });
    });
  }

  #misbehave(socket) {
    const { manner } = this.#role;
    const after = (milliseconds, act) =>
      setTimeout(() => {
        if (!this.#honest && socket.readyState === WebSocket.OPEN) act();
      }, milliseconds).unref();
    if (manner === 'leaving')
      after(this.#random.between(500, 8_000), () => (this.#random.chance(0.5) ? socket.terminate() : socket.close()));
    if (manner === 'stalling') {
      const stall = () => {
        socket.pause();
        after(this.#random.between(1_000, 7_000), () => {
          this.#heardAt = Date.now();
          socket.resume();
          after(this.#random.between(1_000, 5_000), stall);
        });
      };
      after(this.#random.between(500, 3_000), stall);
    }
  }
}
