import type { RequestHandler } from 'express';

/**
 * While the node stops, each answer ends its connection, so that the next request is another node's. A request that crosses the
 * end of a connection that was kept is never answered, and nobody knows whether a push among them was stored.
 */
export function endConnections(isStopping: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (isStopping()) response.set('Connection', 'close');
    next();
  };
}
