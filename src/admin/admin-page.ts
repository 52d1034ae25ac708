import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Injectable } from '@nestjs/common';
import express, { type RequestHandler } from 'express';

const require = createRequire(import.meta.url);

/**
 * The page at `/admin`, with its script and style. They are found by `imports` in package.json, since the compiler copies no files, and
 * read when they are asked for. They are small, and asked for anew each time, so that an update is found at once.
 */
@Injectable()
export class AdminPage {
  private readonly folder = dirname(require.resolve('#admin/admin.html'));

  readonly handle: RequestHandler = express
    .Router()
    .get('/', (request, response) => {
      // The page finds what it needs relative to its own address, since the service may be mounted below a path.
      if (request.originalUrl.split('?', 1)[0]?.endsWith('/')) response.redirect(308, '../admin');
      else response.sendFile('admin.html', { root: this.folder, cacheControl: false });
    })
    .use('/page', express.static(this.folder, { index: false, redirect: false, cacheControl: false }));
}
