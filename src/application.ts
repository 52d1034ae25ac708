import { Server as HttpsServer } from 'node:https';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AdminRouter } from './admin/admin.router.js';
import { AppModule, hasAdminPages, type ServiceOptions } from './app.module.js';
import { isWithin } from './config/address-range.js';
import { NodeId } from './config/node-id.js';
import { AccessStrategy } from './graphql/access-strategy.js';
import { answerBodyErrors, refuseLateRequests } from './graphql/http-errors.js';
import { noteArrivals } from './graphql/operation-spans.js';
import { VERSION } from './graphql/version.js';
import { Metrics } from './metrics/metrics.js';
import { Drain } from './drain/drain.js';
import { readKnownCallers } from './graphql/known-callers.js';
import { HttpAdapter } from './gateway/http-adapter.js';
import { PushOnlyWsAdapter } from './gateway/push-only-ws.adapter.js';
import { answerCounts } from './http/answer-counts.js';
import { followCertificate, tlsOptions } from './http/certificate.js';
import { corsOptions } from './http/cors.js';
import { endConnections } from './http/last-answers.js';
import { requestIds } from './http/request-id.js';
import { securityHeaders } from './http/security-headers.js';
import { limitServer, refuseUpgrades } from './http/server-limits.js';
import { passwordsOf } from './log/scrubber.js';
import { ServiceLogger } from './log/service-logger.js';
import { traced } from './traces/tracing.js';

/** Makes the service, ready to listen. Without a log of the process it makes one. */
export async function createApplication(options: ServiceOptions, log?: ServiceLogger): Promise<NestExpressApplication> {
  const { settings, node = new NodeId() } = options;
  const logger = log ?? (await ServiceLogger.create(settings, { pid: process.pid, node: node.text }, process.stdout));
  logger.hide([
    ...passwordsOf(options.databaseUrl),
    ...(options.adminPassword === null ? [] : [options.adminPassword]),
  ]);
  return composeApplication({ ...options, node }, { logger });
}

/** Makes the service. Without a logger it writes to that which the process has. */
export async function composeApplication(
  options: ServiceOptions,
  { logger }: Pick<NestApplicationOptions, 'logger'> = {},
): Promise<NestExpressApplication> {
  const { settings } = options;
  const tls = tlsOptions(settings);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(options), new HttpAdapter(), {
    bodyParser: false,
    abortOnError: false,
    ...(tls && { httpsOptions: tls }),
    ...(logger && { logger }),
  });
  const metrics = app.get(Metrics, { strict: false });
  metrics.info('homing_build_info', 'What runs here.', {
    version: VERSION,
    node_version: process.version,
    roles: settings.roles.join(' '),
    queue: settings.redisUrl === null ? 'postgres' : 'redis',
  });
  const server = app.getHttpServer();
  limitServer(server, settings, metrics);
  if (server instanceof HttpsServer) followCertificate(server, settings);
  app.disable('x-powered-by');
  // Nothing that is answered is worth keeping: a hash of every answer would be of no use.
  app.disable('etag');
  // Express knows X-Forwarded-* alone. Proxies that write Forwarded may let those through as the client sent them.
  const proxies = settings.forwardedHeader === 'x-forwarded-for' ? settings.trustedProxies : [];
  app.set('trust proxy', (address: string) => isWithin(address, proxies));
  const drain = app.get(Drain, { strict: false });
  app.use(
    answerCounts(metrics),
    requestIds(settings),
    securityHeaders(settings),
    endConnections(() => drain.hasBegun),
  );
  if (settings.corsOrigins.length > 0) app.enableCors(corsOptions(settings.corsOrigins));
  if (settings.roles.includes('api')) {
    if (traced.by) app.use('/graphql', noteArrivals());
    app.use('/graphql', readKnownCallers(app.get(AccessStrategy, { strict: false }), settings.maxBodyBytes));
    app.use(answerBodyErrors);
    app.use(
      '/graphql',
      refuseLateRequests(() => drain.isOver),
    );
  }
  if (hasAdminPages(options)) app.use('/admin', app.get(AdminRouter, { strict: false }).handle);
  if (settings.roles.includes('gateway')) app.useWebSocketAdapter(new PushOnlyWsAdapter(app));
  else refuseUpgrades(server, settings, metrics);
  return app;
}
