import { once } from 'node:events';
import { WebSocket } from 'ws';

interface Answer {
  readonly id?: number | null;
  readonly type: 'success' | 'error' | 'event';
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
  readonly method?: string;
  readonly params?: unknown;
}

interface Waiting {
  resolve(result: never): void;
  reject(error: Error): void;
}

/** A session of WebDriver BiDi (w3.org/TR/webdriver-bidi), the protocol by which Firefox as it is shipped is driven. */
export class Bidi {
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Map<string, (params: never) => void>();
  private last = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.take(JSON.parse(data.toString()) as Answer));
    socket.once('close', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('The browser has ended.'));
      this.waiting.clear();
    });
  }

  /** Begins the one session of a browser that listens at this address. */
  static async connect(url: string): Promise<Bidi> {
    const socket = new WebSocket(`${url}/session`, { perMessageDeflate: false });
    await once(socket, 'open');
    const bidi = new Bidi(socket);
    await bidi.send('session.new', { capabilities: {} });
    return bidi;
  }

  /** Sends a command, and gives its result. */
  send<R = unknown>(method: string, params: object): Promise<R> {
    const id = (this.last += 1);
    return new Promise<R>((resolve, reject) => {
      if (this.socket.readyState !== WebSocket.OPEN) return reject(new Error('The browser has ended.'));
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Calls the listener, the only one of this event, each time it comes. */
  async subscribe(event: string, listener: (params: never) => void): Promise<void> {
    this.listeners.set(event, listener);
    await this.send('session.subscribe', { events: [event] });
  }

  private take({ id, type, result, error, message, method, params }: Answer): void {
    if (type === 'event') return this.listeners.get(method ?? '')?.(params as never);
    const waiting = this.waiting.get(id ?? 0);
    this.waiting.delete(id ?? 0);
    if (type === 'success') waiting?.resolve(result as never);
    else waiting?.reject(new Error(`${error}: ${message}`));
  }
}
