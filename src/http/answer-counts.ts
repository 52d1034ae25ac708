import type { RequestHandler } from 'express';
import type { Metrics } from '../metrics/metrics.js';

/** The first part of the paths that there are. */
const ROUTES = ['graphql', 'health', 'admin'];

/** Counts the requests that were answered. A path is a caller's word, so that only its first part counts, where it is one of ours. */
export function answerCounts(metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const [, first = ''] = request.path.split('/', 2);
    const route = ROUTES.includes(first) ? first : 'other';
    response.once('close', () => {
      const status = response.writableFinished ? String(response.statusCode) : 'aborted';
      metrics.httpRequests.of({ route, status }).add();
    });
    next();
  };
}
