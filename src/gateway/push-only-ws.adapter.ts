import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { INestApplicationContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { ServerOptions, WebSocketServer } from 'ws';
import { Settings } from '../config/config.module.js';
import { Metrics } from '../metrics/metrics.js';
import { giveRequestId, requestIdOf } from '../http/request-id.js';
import { Log } from '../log/log.js';
import { logged } from '../log/log-line.js';
import { endOnError, type Refusal, refusalHeaders, refuse } from '../http/server-limits.js';
import { type Admission, Door } from './door.js';
import { CLOUDEVENTS } from './frame-encoder.js';
import { readPongs } from './pong-reader.js';
import { reasonOf, REFUSALS } from './refusals.js';

/** How long a client has to answer a close frame before its connection is ended, in milliseconds. */
const CLOSE_TIMEOUT = 1_000;

/** A client's message may come in so many fragments: they are not counted towards `INBOUND_RATE`, and can be empty. */
const MAX_FRAGMENTS = 16;

/** What the door said of an upgrade, for the gateway that takes the connection. */
export const admissions = new WeakMap<IncomingMessage, Admission>();

/**
 * Nest's adapter for `ws`, for a channel on which only the server speaks: the door decides before the handshake, and no
 * pipeline for incoming messages is built for each connection.
 */
export class PushOnlyWsAdapter extends WsAdapter {
  private readonly log = new Log(PushOnlyWsAdapter.name);
  private readonly settings: Settings;
  private readonly door: Door;
  private readonly metrics: Metrics;

  constructor(app: INestApplicationContext) {
    super(app);
    this.settings = app.get(Settings, { strict: false });
    this.door = app.get(Door, { strict: false });
    this.metrics = app.get(Metrics, { strict: false });
  }

  override create(port: number, options: Record<string, unknown>) {
    // The types don't know `closeTimeout` yet.
    const push: ServerOptions & { closeTimeout: number } = {
      closeTimeout: CLOSE_TIMEOUT,
      perMessageDeflate: false,
      clientTracking: false,
      skipUTF8Validation: true,
      maxPayload: this.settings.maxInboundFrame,
      maxFragments: MAX_FRAGMENTS,
      handleProtocols: (offered) => offered.has(CLOUDEVENTS) && CLOUDEVENTS,
      verifyClient: async ({ req }, answer) => {
        const admission = await this.door.admit(req);
        admissions.set(req, admission);
        if (admission.kind !== 'refused') return answer(true);
        const { status, reason } = admission.refusal;
        this.count(admission.refusal);
        const id = requestIdOf(req);
        if (logged.debug)
          this.log.write('upgrade.refused', `An upgrade was refused: ${reason}`, { requestId: id, status });
        answer(false, status, reason, refusalHeaders(admission.refusal, id));
      },
    };
    return super.create(port, { ...options, ...push } as never);
  }

  override bindMessageHandlers(): void {
    // What a client sends is counted and dropped by the gateway.
  }

  override bindErrorHandler<T>(server: T): T {
    const webSockets = server as unknown as WebSocketServer;
    // A client's violation of the protocol is no error of ours, and must not fill the log.
    webSockets.on('connection', (socket, request) =>
      socket.on('error', (error) => {
        this.metrics.connectionErrors.add();
        if (logged.debug)
          this.log.write('connection.failed', "A client's connection failed", {
            connection: requestIdOf(request),
            error,
          });
      }),
    );
    webSockets.on('error', (error) => this.log.write('websockets.failed', 'The WebSocket server failed', { error }));
    return server;
  }

  protected override ensureHttpServerExists(port: number, httpServer?: Server): Server | undefined {
    if (!httpServer || this.httpServersRegistry.has(port)) return undefined;
    this.httpServersRegistry.set(port, httpServer);
    httpServer.on('upgrade', (request, socket, head) => this.upgrade(port, request, socket, head));
    return httpServer;
  }

  private upgrade(port: number, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    endOnError(socket);
    const id = giveRequestId(request, this.settings);
    // Node looks at neither of the two when it is an upgrade.
    if (request.httpVersion !== '1.1' || request.headers.host === undefined)
      return this.refuse(socket, REFUSALS.oldHttp, id);
    // The absolute form, which every server must take (RFC 9112 §3.2.2).
    request.url = request.url?.replace(/^https?:\/\/[^/?]*\/?/i, '/');
    const path = request.url?.split('?', 1)[0];
    const server = (this.wsServersRegistry.get(port) as (WebSocketServer & { path: string })[] | undefined)?.find(
      (candidate) => candidate.path === path,
    );
    if (!server) return this.refuse(socket, REFUSALS.otherPath, id);
    server.handleUpgrade(request, socket, head, (webSocket) => {
      readPongs(webSocket, socket);
      server.emit('connection', webSocket, request);
    });
    // What is no handshake at all was answered by `ws` at once; the door takes a moment.
    if (socket.writableEnded) this.metrics.upgradesRefused.of({ reason: 'protocol' }).add();
  }

  private refuse(socket: Duplex, refusal: Refusal, id: string): void {
    this.count(refusal);
    refuse(socket, refusal, id);
  }

  private count(refusal: Refusal): void {
    this.metrics.upgradesRefused.of({ reason: reasonOf(refusal) }).add();
  }
}
