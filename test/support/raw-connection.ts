import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually, PATIENCE } from './eventually.js';

const HEAD_END = '\r\n\r\n';

/** A client that writes HTTP and WebSocket frames by hand, well or badly, and keeps what comes back. */
export class RawConnection {
  private received = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {
    socket.on('data', (data) => (this.received = Buffer.concat([this.received, data])));
    socket.on('error', () => undefined);
  }

  /** Connects. It does not end when the server ends its half: that takes a reset, or `end`. */
  static async open(url: string): Promise<RawConnection> {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Writes the bytes, and waits until the network has them. */
  async flush(bytes: Buffer): Promise<void> {
    await new Promise((resolve) => this.socket.write(bytes, resolve));
  }

  /** Waits for the head of an answer, or for the end. */
  async answered(): Promise<void> {
    while (!this.text.includes(HEAD_END) && !this.socket.readableEnded && !this.socket.closed) await this.change();
  }

  /** Ends its side, waits until the server has ended, too, and gives all that it said. */
  async finish(): Promise<Buffer> {
    this.socket.end();
    while (!this.socket.closed) await this.change();
    return this.received;
  }

  /** Waits until something comes, or the connection ends. */
  private change(): Promise<void> {
    return new Promise((resolve, reject) => {
      const changed = () => {
        clearTimeout(timer);
        this.socket.off('data', changed).off('end', changed).off('close', changed);
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`The connection is still open: ${this.text}`)), PATIENCE);
      this.socket.on('data', changed).on('end', changed).on('close', changed);
    });
  }

  /** The HTTP status of the answer, once its head is there. */
  async status(): Promise<number> {
    return eventually(() => {
      const match = /^HTTP\/1\.1 (\d{3})/.exec(this.text);
      if (!match || !this.text.includes(HEAD_END)) throw new Error(`No answer yet: ${this.text}`);
      return Number(match[1]);
    });
  }

  /** The code of the close frame that the server sends, once it is there. */
  async closeCode(): Promise<number> {
    return eventually(() => {
      let frames = this.received.subarray(this.received.indexOf(HEAD_END) + HEAD_END.length);
      while (frames.length >= 4 && frames[0] !== 0x88) frames = frames.subarray(2 + frames[1]!);
      if (frames.length < 4) throw new Error('No close frame yet');
      return frames.readUInt16BE(2);
    });
  }

  /** Waits until the server has ended the connection. */
  async ended(): Promise<void> {
    await eventually(() => {
      if (!this.socket.readableEnded && !this.socket.closed) throw new Error('The connection is still open');
    });
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  end(): void {
    this.socket.destroy();
  }
}

/** The request of an upgrade. `headers` replace those that a client sends; null leaves one out. */
export function upgradeRequest(
  target: string,
  headers: Record<string, string | null> = {},
  method = 'GET',
  version = 'HTTP/1.1',
): string {
  const all = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return [`${method} ${target} ${version}`, ...lines, '', ''].join('\r\n');
}
