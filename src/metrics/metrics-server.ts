import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { Log } from '../log/log.js';
import type { Exposition } from './exposition.js';
import { Metrics } from './metrics.js';

const RETRY_DELAY = 5_000;
/** Clients at a time. Prometheus needs one connection. */
const MAX_CONNECTIONS = 32;
/** How long a client may take to ask, in milliseconds. */
const REQUEST_TIMEOUT = 5_000;

/**
 * Answers `GET /metrics` on a port of its own, which is off unless METRICS_PORT names one. A port that can't be had is told, and tried
 * again: the service delivers without it.
 */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Log(MetricsServer.name);
  private server: Server | null = null;
  private exposition: Exposition | null = null;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly metrics: Metrics,
  ) {}

  /** Where it listens; null when it does not. */
  get port(): number | null {
    return (this.server?.address() as AddressInfo | null)?.port ?? null;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort, metricsHost } = this.settings;
    if (metricsPort === null) return;
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.maxConnections = MAX_CONNECTIONS;
    this.server.headersTimeout = this.server.requestTimeout = REQUEST_TIMEOUT;
    this.server.on('error', () => undefined);
    await this.listen(this.server, metricsPort, metricsHost);
    const { Exposition } = await import('./exposition.js');
    this.exposition = new Exposition(this.metrics);
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.retry);
    const { server } = this;
    this.server = null;
    if (!server?.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  private async listen(server: Server, port: number, host: string): Promise<void> {
    try {
      // Of several processes each has a port of its own; by itself `cluster` would share it.
      server.listen({ port, host, exclusive: true });
      await once(server, 'listening');
    } catch (error) {
      this.log.write('metrics.unserved', `Metrics can't be served; trying again in ${RETRY_DELAY} ms`, { error, port });
      this.retry = setTimeout(() => void this.listen(server, port, host), RETRY_DELAY).unref();
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    if (request.url?.split('?', 1)[0] !== '/metrics') return end(response, 404, 'Metrics are at /metrics.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'Only GET is answered.\n');
    if (!this.exposition) return end(response, 503, 'The service is starting.\n');
    try {
      end(response, 200, await this.exposition.write(), this.exposition.contentType);
    } catch (error) {
      this.log.write('metrics.unreadable', "Metrics can't be read", { error });
      end(response, 500, 'Metrics can not be read; the log says why.\n');
    }
  }
}

function end(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' }).end(body);
}
