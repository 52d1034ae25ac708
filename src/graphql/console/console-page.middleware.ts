import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { ConsoleAssets } from './console-assets.js';
import { setConsoleHeaders } from './console-headers.js';

// In the order in which they are served to a client that has no preference: what isn't a browser gets the API.
const MEDIA_TYPES = ['application/graphql-response+json', 'application/json', 'text/html'];

/** Answers `GET /graphql` with the console when the client prefers a page, and leaves every other request alone. */
@Injectable()
export class ConsolePageMiddleware implements NestMiddleware {
  constructor(private readonly assets: ConsoleAssets) {}

  use(request: Request, response: Response, next: NextFunction): void {
    response.vary('Accept');
    if (request.accepts(MEDIA_TYPES) !== 'text/html') return next();
    setConsoleHeaders(response);
    // The page finds its files and the API relative to its own address, so that it also works below a proxy's path.
    if (request.path.endsWith('/')) return response.redirect(308, '../graphql');
    // Asked for anew each time (an ETag makes that cheap), so that an update's files are found at once.
    response.set('Cache-Control', 'no-cache').type('html').send(this.assets.page);
  }
}
