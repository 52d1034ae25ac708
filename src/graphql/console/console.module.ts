import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { ConsoleAssets } from './console-assets.js';
import { ConsoleAssetsMiddleware } from './console-assets.middleware.js';
import { ConsolePageMiddleware } from './console-page.middleware.js';

/**
 * The GraphQL console: a browser that opens `GET /graphql` sees a form for the access key, and behind it an editor with
 * the documentation of the API. Everything else that comes to `/graphql` goes on to the GraphQL server.
 *
 * It works in any place of `imports`: Nest registers middleware before the GraphQL module's own, which is added when
 * modules are initialised.
 */
@Module({ providers: [ConsoleAssets] })
export class ConsoleModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(ConsoleAssetsMiddleware).forRoutes({ path: 'graphql/console/*path', method: RequestMethod.ALL });
    consumer.apply(ConsolePageMiddleware).forRoutes({ path: 'graphql', method: RequestMethod.GET });
  }
}
