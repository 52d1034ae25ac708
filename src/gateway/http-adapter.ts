import { createServer as createHttpServer, IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Request, Response } from 'express';

const WEBSOCKET = 'websocket';
/** How long requests that are under way have when the service has drained and stops, in milliseconds. Some never end. */
const LAST_ANSWERS_TIME = 2_000;

/**
 * A request that is an upgrade only when it asks for a WebSocket. Another offer, such as `h2c`, is ignored, as RFC 9110
 * §7.8 lets a server do: Node goes on with the request when `upgrade` is not true.
 */
class HttpRequest extends IncomingMessage {
  declare private offered: boolean | null;

  get upgrade(): boolean | null {
    return this.offered && (this.headers.upgrade ?? WEBSOCKET).toLowerCase() === WEBSOCKET;
  }

  set upgrade(offered: boolean | null) {
    this.offered = offered;
  }
}

/** Nest's adapter for Express, for such requests. It ends every connection when it is closed, WebSockets included. */
export class HttpAdapter extends ExpressAdapter {
  private readonly sockets = new Set<Socket>();

  override initHttpServer({ httpsOptions }: NestApplicationOptions): void {
    this.httpServer = httpsOptions
      ? createHttpsServer({ ...httpsOptions, IncomingMessage: HttpRequest }, this.getInstance())
      : createHttpServer({ IncomingMessage: HttpRequest }, this.getInstance());
    this.httpServer.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** Nest would tell whoever asks for what is not there the address that he asked for, which may bear a token. */
  override setNotFoundHandler(): void {
    this.use((_request: Request, response: Response) => {
      response.status(404).json({ message: 'There is no such page.' });
    });
  }

  override beforeClose(): void {
    super.beforeClose();
    setTimeout(() => this.endAll(), LAST_ANSWERS_TIME).unref();
  }

  override close(): Promise<unknown> | undefined {
    this.endAll();
    return super.close();
  }

  private endAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
