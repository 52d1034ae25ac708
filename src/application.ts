import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule, type ServiceOptions } from './app.module.js';
import { Authenticator } from './graphql/authenticator.js';
import { answerBodyErrors } from './graphql/http-errors.js';
import { readKnownCallers } from './graphql/known-callers.js';
import { HttpAdapter } from './gateway/http-adapter.js';
import { PushOnlyWsAdapter } from './gateway/push-only-ws.adapter.js';

/** Makes the service, ready to listen. */
export async function createApplication(options: ServiceOptions): Promise<NestExpressApplication> {
  const { settings } = options;
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(options), new HttpAdapter(), {
    bodyParser: false,
    abortOnError: false,
    logger: new ConsoleLogger({ json: settings.nodeEnv === 'production', logLevels: levelsFrom(settings.logLevel) }),
  });
  app.disable('x-powered-by');
  app.set('trust proxy', (address: string) => settings.trustedProxies.some((range) => range.contains(address)));
  app.use('/graphql', readKnownCallers(app.get(Authenticator, { strict: false }), settings.maxBodyBytes));
  app.use(answerBodyErrors);
  app.useWebSocketAdapter(new PushOnlyWsAdapter(app));
  return app;
}

const LEVELS = ['debug', 'log', 'warn', 'error', 'fatal'] as const;

function levelsFrom(least: (typeof LEVELS)[number]): (typeof LEVELS)[number][] {
  return LEVELS.slice(LEVELS.indexOf(least));
}
