import { Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { Settings } from '../config/config.module.js';
import { MountPath } from '../config/mount-path.js';
import { requestBase } from '../recipients/request-base.js';
import { TourPage } from './tour-page.js';

// In the order in which they are served to a client that has no preference: what isn't a browser gets no page.
const MEDIA_TYPES = ['application/json', 'text/html'];

/** Answers `GET /` with the tour when the client prefers a page, and leaves every other request alone. */
@Injectable()
export class TourMiddleware implements NestMiddleware {
  constructor(
    private readonly settings: Settings,
    private readonly mountPath: MountPath,
    private readonly page: TourPage,
  ) {}

  use(request: Request, response: Response, next: NextFunction): void {
    // Whoever comes with a token wants a WebSocket.
    if (request.query['token'] !== undefined) return next();
    response.vary('Accept');
    if (request.accepts(MEDIA_TYPES) !== 'text/html') return next();
    // The page finds the API relative to its own address.
    if (request.originalUrl.split('?', 1)[0] === this.mountPath.text)
      return response.redirect(308, `${this.mountPath.text}/`);
    const base = this.settings.publicUrl ?? requestBase(request);
    response
      .set({
        'Content-Security-Policy': this.page.policy(base?.replace(/^http/, 'ws') ?? null),
        'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
        'Cache-Control': 'no-cache',
      })
      .type('html')
      .send(this.page.html);
  }
}
