import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Carries each new connection to one of several nodes, whichever. It looks into none, so TLS goes through as it is. */
export class Balancer {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** Where the nodes listen that get new connections. */
    readonly ports: Set<number>,
  ) {}

  static async before(ports: Iterable<number>): Promise<Balancer> {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      const port = [...balancer.ports][randomInt(balancer.ports.size)] as number;
      balancer.join(client, connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const balancer: Balancer = new Balancer(server, new Set(ports));
    return balancer;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  /** Each side hears of the other what it would without a balancer between them: its bytes, its end, and that it is cut off. */
  private join(client: Socket, node: Socket): void {
    for (const [from, to] of [
      [client, node],
      [node, client],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true).pipe(to);
      from.on('error', () => to.resetAndDestroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroySoon();
      });
    }
  }
}
