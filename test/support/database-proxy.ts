import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The way to a database server, which a test can cut, or let go silent as a machine that has died does. */
export class DatabaseProxy {
  private readonly sockets = new Set<Socket>();
  private state: 'open' | 'silent' | 'cut' = 'open';

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(databaseUrl: string): Promise<DatabaseProxy> {
    const url = new URL(databaseUrl);
    const { hostname, port } = url;
    const server = createServer((client) => proxy.join(client, connect(Number(port), hostname))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const proxy: DatabaseProxy = new DatabaseProxy(server, url.href);
    return proxy;
  }

  /** Ends all connections, and each new one at once. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.destroy();
  }

  /** Nothing goes through any more, and nobody is told. */
  silence(): void {
    this.state = 'silent';
    for (const socket of this.sockets) socket.pause();
  }

  /** All goes through again, also what was held back. */
  restore(): void {
    this.state = 'open';
    for (const socket of this.sockets) socket.resume();
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.state === 'silent') from.pause();
      if (this.state === 'cut') from.destroy();
    }
  }
}
