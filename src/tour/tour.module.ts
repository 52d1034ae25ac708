import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { TourMiddleware } from './tour.middleware.js';
import { TourPage } from './tour-page.js';

/** The tour: a page at `/` on which whoever has an access key sees the service at work. WebSockets come to `/`, too, and pass it by. */
@Module({ providers: [TourPage] })
export class TourModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(TourMiddleware).forRoutes({ path: '/', method: RequestMethod.GET });
  }
}
