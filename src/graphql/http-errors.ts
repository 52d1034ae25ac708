import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** What body-parser throws: an error whose status is the client's doing. */
interface BodyError extends Error {
  readonly status?: number;
  readonly type?: string;
}

const SENTENCES: Readonly<Record<string, string>> = {
  'entity.too.large': 'The request body is larger than MAX_BODY_SIZE.',
  'entity.parse.failed': 'The request body is not JSON.',
  'encoding.unsupported': 'The content encoding of the request body is not supported.',
  'charset.unsupported': 'The character set of the request body is not supported.',
};

/** Answers 415 to a body that is not said to be JSON. */
export function refuseOtherBodies(request: Request, response: Response, next: NextFunction): void {
  if (request.is('application/json') !== false) next();
  else answer(request, response, 415, 'The content type of the request body must be application/json.');
}

/** Gives a request whose body can't be read an error in the shape that GraphQL clients expect. */
export function answerBodyErrors(error: BodyError, request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent || !error.status || error.status < 400 || error.status > 499) {
    next(error);
    return;
  }
  answer(request, response, error.status, SENTENCES[error.type ?? ''] ?? 'The request body can not be read.');
}

/** Answers 503 from when the node can't answer any more: nothing was stored, and another node takes it. */
export function refuseLateRequests(isOver: () => boolean): RequestHandler {
  return (request, response, next) => {
    if (!isOver()) return next();
    response.set('Retry-After', '1');
    answer(request, response, 503, 'The service is stopping. Nothing was stored; try again.', 'UNAVAILABLE');
  };
}

function answer(
  request: Request,
  response: Response,
  status: number,
  message: string,
  code: 'BAD_REQUEST' | 'UNAVAILABLE' = 'BAD_REQUEST',
): void {
  const type = request.accepts(['application/json', 'application/graphql-response+json']) || 'application/json';
  response
    .status(status)
    .type(type)
    .send(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
