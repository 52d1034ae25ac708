import { Injectable } from '@nestjs/common';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { Settings } from '../config/config.module.js';
import { MountPath } from '../config/mount-path.js';
import { requestIdOf } from '../http/request-id.js';
import { Log } from '../log/log.js';
import { LogThrottle } from '../log/log-throttle.js';
import { AdminPage } from './admin-page.js';
import { setAdminHeaders } from './admin-headers.js';
import { Login } from './login.js';
import { Overview } from './overview.js';
import { QueueBoard } from './queue-board.js';
import { RecipientLookup } from './recipient-lookup.js';
import { isSameOrigin } from './same-origin.js';
import { sessionsOf } from './session-cookie.js';
import { Sessions } from './sessions.js';

/** The largest body of a form. */
const MAX_BODY = '8kb';
/** In characters: that of a recipient. */
const LONGEST_NAME = 256;
/** Pages that are open ask every few seconds. In milliseconds. */
const WARNING_STEP = 60_000;

/**
 * All that is at `/admin`. Everything that comes there comes through here, and nothing behind the line that asks for a session is reached
 * without one. What is not found is not handed on.
 */
@Injectable()
export class AdminRouter {
  private readonly log = new Log(AdminRouter.name);
  private readonly warnings = new LogThrottle(WARNING_STEP);
  readonly handle: RequestHandler;

  constructor(
    private readonly settings: Settings,
    private readonly mountPath: MountPath,
    private readonly sessions: Sessions,
    login: Login,
    board: QueueBoard,
    page: AdminPage,
    overview: Overview,
    private readonly recipients: RecipientLookup,
  ) {
    this.handle = express
      .Router()
      .use((_request, response, next) => {
        setAdminHeaders(response);
        next();
      })
      .use((request, response, next) => this.refuseOtherSites(request, response, next))
      .get('/login', (_request, response) => login.show(response))
      .post('/login', express.urlencoded({ extended: false, limit: MAX_BODY }), (request, response) =>
        login.enter(request, response),
      )
      .use((request, response, next) => this.askForSession(request, response, next))
      .post('/logout', (request, response) => login.leave(request, response))
      .use('/queues', board.handle)
      .use(page.handle)
      .get('/api/overview', async (_request, response) => void response.json(await overview.read()))
      .post('/api/recipient', express.json({ limit: MAX_BODY }), (request, response) => this.lookUp(request, response))
      .use((_request, response) => void response.status(404).type('text').send('There is no such page.\n'))
      .use((error: unknown, request: Request, response: Response, next: NextFunction) =>
        this.answerError(error, request, response, next),
      );
  }

  /** By POST, so that no name of a recipient is in an address, which proxies log. */
  private async lookUp(request: Request, response: Response): Promise<void> {
    const { tenant, recipient } = (request.body ?? {}) as { tenant?: unknown; recipient?: unknown };
    if (!isName(tenant) || !isName(recipient))
      return refuse(response, 400, 'A lookup needs the names of a tenant and of a recipient.');
    response.json(await this.recipients.find(tenant, recipient));
  }

  private refuseOtherSites(request: Request, response: Response, next: NextFunction): void {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads || isSameOrigin(request.headers, { host: request.host ?? '', publicUrl: this.settings.publicUrl }))
      next();
    else refuse(response, 403, 'This can only be done from the admin pages themselves.');
  }

  private askForSession(request: Request, response: Response, next: NextFunction): void {
    if (sessionsOf(request).some((session) => this.sessions.isOpen(session))) next();
    else if (request.method === 'GET' && request.accepts(['json', 'html']) === 'html')
      response.redirect(303, `${this.mountPath.text}/admin/login`);
    else refuse(response, 401, `Log in at ${this.mountPath.text}/admin/login.`);
  }

  /** A body that can't be read is the client's doing; anything else is ours, and told to the log alone. */
  private answerError(error: unknown, request: Request, response: Response, next: NextFunction): void {
    const { status = 500 } = error as { status?: number };
    if (response.headersSent) return next(error);
    if (status >= 400 && status < 500) return refuse(response, status, 'The request can not be read.');
    if (this.warnings.isDue())
      this.log.write('admin.failed', 'An admin page could not be shown', { requestId: requestIdOf(request), error });
    refuse(response, 503, 'The database does not answer, or another part failed. See the log.');
  }
}

/** Names that the database has no column for are of nobody. */
function isName(text: unknown): text is string {
  return typeof text === 'string' && text !== '' && text.length <= LONGEST_NAME && !text.includes('\u0000');
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ message });
}
