import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Request, RequestHandler, Response } from 'express';
import { Settings } from '../config/config.module.js';
import { MountPath } from '../config/mount-path.js';
import { EVENTS_QUEUE } from '../events/events-queue.js';
import { Handlers } from '../handlers/handlers.js';
import { Check } from '../health/check.js';
import { requestIdOf } from '../http/request-id.js';
import { Log } from '../log/log.js';
import { setBoardHeaders } from './admin-headers.js';
import { shownEvent, shownJob } from './shown-job.js';

/** What may be done to jobs where ADMIN_QUEUE_ACTIONS is on: to try again, and to delete, one or all of a state. */
const ACTIONS = /^\/api\/queues\/[^/]+\/(?:(?:retry|clean)\/[^/]+|[^/]+\/(?:retry|clean))$/;

/**
 * Bull Board, with the queue of the domain events and those of durable handlers. It is loaded when it is first asked for: most nodes are never asked. What changes
 * something is refused here, before Bull Board itself looks whether it is to be read alone.
 */
@Injectable()
export class QueueBoard {
  private readonly log = new Log(QueueBoard.name);
  private readonly queueCheck: Check;
  private loading: Promise<RequestHandler> | null = null;

  constructor(
    @InjectQueue(EVENTS_QUEUE) private readonly queue: Queue,
    private readonly settings: Settings,
    private readonly mountPath: MountPath,
    private readonly handlers: Handlers,
  ) {
    this.queueCheck = new Check(() => queue.isPaused());
  }

  readonly handle = async (request: Request, response: Response): Promise<void> => {
    setBoardHeaders(response);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const acts = request.method === 'PUT' && this.actions && ACTIONS.test(request.path);
    if (!reads && !acts) {
      const message = this.actions ? 'Jobs can be tried again and deleted; nothing else is allowed here.' : READ_ONLY;
      response.status(403).json({ error: message, message });
      return;
    }
    // Bull Board would wait for it for ever, with each question of each page that is open.
    if (request.path.startsWith('/api/') && !(await this.queueCheck.isReachable())) {
      response.status(503).json({ error: NO_ANSWER, message: NO_ANSWER });
      return;
    }
    if (acts)
      this.log.write('admin.acted', 'Jobs were tried again or deleted by hand', {
        requestId: requestIdOf(request),
        path: request.path,
      });
    // Its files have names that change with what is in them; they are no secret, but for nobody else's cache.
    if (request.path.startsWith('/static/')) response.set('Cache-Control', 'private, max-age=86400');
    const board = await this.load();
    board(request, response, () => void response.status(404).type('text').send('There is no such page.\n'));
  };

  private get actions(): boolean {
    return this.settings.adminQueueActions === 'on';
  }

  private load(): Promise<RequestHandler> {
    this.loading ??= this.make().catch((error: unknown) => {
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  private async make(): Promise<RequestHandler> {
    const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
      import('@bull-board/api'),
      import('@bull-board/api/bullMQAdapter'),
      import('@bull-board/express'),
    ]);
    const show = (queue: Queue, description: string, data: (data: unknown) => object) => {
      const adapter = new BullMQAdapter(queue, { readOnlyMode: !this.actions, description });
      adapter.setFormatter('data', data);
      return adapter;
    };
    const admin = `${this.mountPath.text}/admin`;
    const server = new ExpressAdapter().setBasePath(`${admin}/queues`);
    createBullBoard({
      queues: [
        show(this.queue, 'Wake-ups and proofs on their way between nodes. No message is lost with a job.', shownJob),
        ...this.handlers.durable.map(({ queue, plan }) =>
          show(queue, `Events on their way to the handler ${plan.durable}.`, shownEvent),
        ),
      ],
      serverAdapter: server,
      options: {
        uiConfig: {
          boardTitle: 'Homing queues',
          hideDocsLink: true,
          // In PostgreSQL there is no Redis to tell of. Workers are listed at /admin: here they are not found in PostgreSQL.
          hideRedisDetails: this.settings.redisUrl === null,
          showWorkers: false,
          miscLinks: [{ text: 'Admin', url: admin }],
        },
      },
    });
    return server.getRouter().disable('x-powered-by') as RequestHandler;
  }
}

const NO_ANSWER = 'The queue does not answer.';
const READ_ONLY = 'Jobs are only shown here. See ADMIN_QUEUE_ACTIONS.';
