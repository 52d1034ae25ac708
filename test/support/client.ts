import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { eventually } from './eventually.js';

/** What a test may ask of its client beyond what any does. */
export interface RecipientOptions extends ClientOptions {
  /** The subprotocols that are offered. */
  readonly protocols?: string[];
}

/** A recipient in a test: a plain WebSocket client that keeps what it saw. */
export class RecipientClient {
  /** The messages in the order of their arrival. */
  readonly messages: string[] = [];
  /** The payloads of the pings in the order of their arrival. */
  readonly pings: Buffer[] = [];
  /** For each message the first ping that came behind it and before the next one. */
  readonly pingsBehind: Buffer[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.messages.push(String(data)));
    socket.on('ping', (payload) => {
      this.pings.push(payload);
      if (this.messages.length > 0) this.pingsBehind[this.messages.length - 1] ??= payload;
    });
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    socket.on('error', () => undefined);
  }

  /** Connects; rejects with the HTTP status when the upgrade is refused. `autoPong: false` makes a client that answers no ping. */
  static async connect(uri: string, { protocols, ...options }: RecipientOptions = {}): Promise<RecipientClient> {
    const client = new RecipientClient(new WebSocket(uri, protocols ?? [], options));
    await new Promise<void>((resolve, reject) => {
      client.socket.once('open', () => resolve());
      client.socket.once('error', reject);
      client.socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        reject(new UpgradeRefused(response.statusCode ?? 0, response.headers));
        client.socket.terminate();
      });
    });
    return client;
  }

  /** Waits until this many messages have come, and gives all that have. */
  async received(count: number): Promise<string[]> {
    await eventually(() => {
      if (this.messages.length < count)
        throw new Error(
          `${this.messages.length} of ${count} messages have come: ${JSON.stringify(this.messages.slice(-3))}`,
        );
    });
    return this.messages;
  }

  /** Waits until the connection is closed, and gives how. */
  async closing(): Promise<{ readonly code: number; readonly reason: string }> {
    return eventually(() => {
      if (!this.closed) throw new Error('The connection is still open');
      return this.closed;
    });
  }

  /** Closes with a close frame and waits for the server's. */
  async close(): Promise<void> {
    this.socket.close();
    await this.closing();
  }

  /** Cuts the connection without a close frame. */
  async kill(): Promise<void> {
    this.socket.terminate();
    await this.closing();
  }

  /** Stops reading from the network, as a stalled consumer does. */
  stall(): void {
    this.socket.pause();
  }
}

/** The server answered the upgrade with an HTTP status. */
export class UpgradeRefused extends Error {
  constructor(
    readonly status: number,
    readonly headers: IncomingMessage['headers'],
  ) {
    super(`The upgrade was refused: ${status}`);
  }
}
