import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ConnectionRecord, Moment } from './history.js';

interface Ping {
  readonly payload: Buffer;
  /** The frames that had come before it. */
  readonly frames: number;
}

/** In milliseconds. */
const PATIENCE = 15_000;

/** A client that answers pings as it is told, and keeps a record of what it did and saw. */
export class RecordedClient {
  private readonly socket: WebSocket;
  private readonly pings: Ping[] = [];
  private readonly asked = new Map<string, Moment>();
  private leaving = false;

  constructor(
    /** Where it connects to. It may connect there again. */
    readonly uri: string,
    readonly issued: Moment,
    readonly record: ConnectionRecord,
    private answers: boolean,
    private readonly moment: () => Moment,
  ) {
    this.socket = new WebSocket(uri, { autoPong: false });
    this.socket.on('open', () => (record.opened = moment()));
    this.socket.on('message', (data) => record.frames.push({ text: String(data), moment: moment() }));
    this.socket.on('ping', (payload) => this.onPing(payload));
    this.socket.on('pong', (payload) => this.onPong(payload));
    this.socket.on('close', (code) => {
      record.closed ??= { moment: moment(), by: this.leaving ? 'client' : 'server', code };
    });
    this.socket.on('error', () => undefined);
  }

  /** Waits until it is open, or was turned away. */
  async connected(): Promise<void> {
    if (this.socket.readyState !== WebSocket.CONNECTING) return;
    await Promise.race([once(this.socket, 'open'), once(this.socket, 'close')]);
  }

  /** Waits until it is closed, though not for ever. */
  async closed(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    await once(this.socket, 'close', { signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined);
  }

  /** Waits until the server has told whether it takes the token. */
  async wasTurnedAway(): Promise<boolean> {
    this.fence();
    const signal = AbortSignal.timeout(PATIENCE);
    if (this.socket.readyState !== WebSocket.CLOSED)
      await Promise.race(['pong', 'close'].map((event) => once(this.socket, event, { signal }))).catch(() => undefined);
    return this.record.closed?.code === 4_401;
  }

  fallSilent(): void {
    this.answers = false;
  }

  answerLatest(): void {
    const ping = this.pings.at(-1);
    if (ping) this.answer(ping);
  }

  /** Answers what was never asked, and an old ping once more. */
  forge(): void {
    const latest = this.pings.at(-1)?.payload ?? Buffer.alloc(8);
    const later = Buffer.from(latest);
    // Far enough to be no number that is on its way at this moment.
    later.writeUIntBE((later.readUIntBE(2, 6) + 1_000_000_000) % 2 ** 48, 2, 6);
    for (const payload of [Buffer.alloc(0), Buffer.alloc(8, 0xff), later]) this.send(() => this.socket.pong(payload));
    if (this.pings[0]) this.answer(this.pings[0]);
  }

  stopReading(): void {
    this.record.stalled = true;
    this.record.faltered = true;
    this.socket.pause();
  }

  readOn(): void {
    this.socket.resume();
    this.record.stalled = false;
  }

  /** Asks the server for a sign of life: see `Fence`. */
  fence(): void {
    const sent = this.moment();
    this.asked.set(String(sent.tick), sent);
    this.send(() => this.socket.ping(String(sent.tick)));
  }

  async leave(how: 'with a close frame' | 'without'): Promise<void> {
    this.leaving = true;
    this.record.closed ??= { moment: this.moment(), by: 'client', code: 0 };
    // One that stands still would not see the answer to its close frame.
    this.readOn();
    if (how === 'without') this.socket.terminate();
    else this.socket.close();
    await this.closed();
  }

  private onPing(payload: Buffer): void {
    const ping = { payload, frames: this.record.frames.length };
    this.pings.push(ping);
    this.record.silent = true;
    if (this.answers) this.answer(ping);
    else this.record.faltered = true;
  }

  private onPong(payload: Buffer): void {
    const sent = this.asked.get(payload.toString());
    if (sent) this.record.fences.push({ sent, came: this.moment(), frames: this.record.frames.length });
  }

  private answer(ping: Ping): void {
    this.send(() => {
      this.record.pongs.push({ moment: this.moment(), frames: ping.frames });
      this.socket.pong(ping.payload);
      if (ping === this.pings.at(-1)) this.record.silent = false;
    });
  }

  private send(frame: () => void): void {
    if (this.socket.readyState === WebSocket.OPEN) frame();
  }
}
