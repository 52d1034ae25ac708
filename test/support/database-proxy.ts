import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A connection that leads through the proxy, and the first that its client said: PostgreSQL's tell the name of the application. */
interface Way {
  readonly client: Socket;
  readonly server: Socket;
  opening: string;
}

/** The way to a database server or to Redis, which a test can cut, or let go silent as a machine that has died does. */
export class DatabaseProxy {
  private readonly ways = new Set<Way>();
  private readonly lost = new Set<Way>();
  private state: 'open' | 'silent' | 'cut' = 'open';
  /** Whose connections the state holds for: those that name this. */
  private whose = '';

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(serverUrl: string): Promise<DatabaseProxy> {
    const url = new URL(serverUrl);
    const { hostname, port } = url;
    const server = createServer((client) => proxy.join(client, connect(Number(port), hostname))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const proxy: DatabaseProxy = new DatabaseProxy(server, url.href);
    return proxy;
  }

  /** Ends all connections, or those of one application, and each new one at once. */
  cut(whose = ''): void {
    this.set('cut', whose);
  }

  /** Nothing goes through any more, or nothing of one application, and nobody is told. */
  silence(whose = ''): void {
    this.set('silent', whose);
  }

  /** All goes through again, also what was held back. Lost connections end: who goes on with one is told that nobody knows it. */
  restore(): void {
    for (const { client } of this.lost) client.destroy();
    this.set('open', '');
  }

  /** Nothing goes through any more on the connections that there are, and nobody is told; new ones are carried. */
  lose(): void {
    for (const way of this.ways) {
      way.client.pause();
      way.server.pause();
      this.ways.delete(way);
      this.lost.add(way);
    }
  }

  close(): void {
    this.restore();
    this.cut();
    this.server.close();
  }

  private set(state: DatabaseProxy['state'], whose: string): void {
    this.state = state;
    this.whose = whose;
    for (const way of this.ways) this.apply(way);
  }

  private apply({ client, server, opening }: Way): void {
    if (!opening.includes(this.whose)) return;
    for (const socket of [client, server]) {
      if (this.state === 'cut') socket.destroy();
      else if (this.state === 'silent') socket.pause();
      else socket.resume();
    }
  }

  private join(client: Socket, server: Socket): void {
    const way: Way = { client, server, opening: '' };
    this.ways.add(way);
    client.once('data', (chunk) => {
      way.opening = chunk.toString('latin1');
      this.apply(way);
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.ways.delete(way);
        this.lost.delete(way);
        to.destroy();
      });
    }
    this.apply(way);
  }
}
