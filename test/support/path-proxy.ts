import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy that has a service below a path, and WebSockets at `/`, where `connectionUri` says that they are. */
export interface PathProxy {
  /** The page of the service. */
  readonly url: string;
  /** Ends all connections, as a network that fails. */
  cut(): void;
  stop(): void;
}

/** Starts one before the service at this address, below `/push/`. */
export async function startPathProxy(service: string): Promise<PathProxy> {
  const { port } = new URL(service);
  const sockets = new Set<Socket>();
  const pass = (incoming: IncomingMessage, response: ServerResponse): void => {
    const path = (incoming.url ?? '').replace(/^\/push\//, '/');
    if (path === incoming.url) {
      response.writeHead(404).end();
      return;
    }
    const { method, headers } = incoming;
    const outgoing = request({ port, host: '127.0.0.1', path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(outgoing);
  };
  const server = createServer(pass).on('upgrade', ({ url, rawHeaders }: IncomingMessage, socket: Socket) => {
    const upstream = connect(Number(port), '127.0.0.1');
    const lines = Array.from(
      { length: rawHeaders.length / 2 },
      (_, i) => `${rawHeaders[2 * i]}: ${rawHeaders[2 * i + 1]}\r\n`,
    );
    upstream.write(`GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    upstream.pipe(socket).pipe(upstream);
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.once('close', () => [socket, upstream].forEach((both) => both.destroy()));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/push/`,
    cut,
    stop: () => {
      cut();
      server.closeAllConnections();
      server.close();
    },
  };
}
