import type { IncomingMessage, Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { HttpServer } from '@nestjs/common';

/**
 * Where requests and upgrades below a path leave the server of an application for that of a service, which listens nowhere itself.
 * Nothing else changes for the application.
 */
export class Entrance {
  constructor(
    private readonly path: string,
    private readonly service: Server,
  ) {}

  /** Takes requests, before any middleware that the application adds from now on: a body must not have been read. */
  takeRequests(adapter: HttpServer): void {
    // The path is taken off by whoever calls.
    adapter.use(this.path, (request: unknown, response: unknown) => this.service.emit('request', request, response));
  }

  /**
   * Takes upgrades. Other listeners never hear of ours, since those of Nest and of other libraries end what they don't know.
   */
  takeUpgrades(server: Server): void {
    const emit = server.emit.bind(server) as (event: string | symbol, ...args: unknown[]) => boolean;
    server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
      if (event !== 'upgrade') return emit(event, ...args);
      const [request, socket, head] = args as [IncomingMessage, Duplex, Buffer];
      const inner = this.inner(request.url);
      if (inner === null) return emit(event, ...args);
      // Another protocol that is offered, such as h2c, is ignored, as the service does alone.
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
        answerWithoutUpgrade(server, request, socket, head);
        return true;
      }
      request.url = inner;
      return this.service.emit('upgrade', request, socket, head);
    };
    // Node asks for upgrades only while somebody listens.
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (server.listenerCount('upgrade') === 1) answerWithoutUpgrade(server, request, socket, head);
    });
  }

  /** The address within the service, or null for one of the application's. */
  private inner(url = ''): string | null {
    // In the absolute form, which every server must take (RFC 9112 §3.2.2), and in whichever case, as requests are.
    const local = url.replace(/^https?:\/\/[^/?]*/i, '');
    if (!local.toLowerCase().startsWith(this.path.toLowerCase())) return null;
    const rest = local.slice(this.path.length);
    if (rest.startsWith('/')) return rest;
    return rest === '' || rest.startsWith('?') ? `/${rest}` : null;
  }
}

/**
 * Where nobody takes upgrades, Node goes on with a request as though it had not offered any (RFC 9110 §7.8). So does this: the request
 * comes in once more without the offer.
 */
function answerWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!/^(?:upgrade|connection)$/i.test(name)) lines.push(`${name}: ${rawHeaders[i + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit(server instanceof HttpsServer ? 'secureConnection' : 'connection', socket);
}
