import { Injectable, type NestMiddleware } from '@nestjs/common';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { ConsoleAssets } from './console-assets.js';
import { setConsoleHeaders } from './console-headers.js';

/** Serves the files of the console under `/graphql/console/<version>/`; nothing below that path reaches the API. */
@Injectable()
export class ConsoleAssetsMiddleware implements NestMiddleware {
  private readonly router: Router;

  constructor(assets: ConsoleAssets) {
    const options = { immutable: true, maxAge: '1y', index: false, redirect: false, setHeaders: setConsoleHeaders };
    this.router = express
      .Router()
      .use(`/graphql/console/${assets.version}/editor`, express.static(assets.editorFolder, options))
      .use(`/graphql/console/${assets.version}`, express.static(assets.pageFolder, options))
      .use((_request: Request, response: Response) => {
        setConsoleHeaders(response);
        response.status(404).type('text').send('There is no such file.\n');
      });
  }

  use(request: Request, response: Response, next: NextFunction): void {
    this.router(request, response, next);
  }
}
