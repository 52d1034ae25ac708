import type { NextFunction, Request, Response } from 'express';

/** What body-parser throws: an error whose status is the client's doing. */
interface BodyError extends Error {
  readonly status?: number;
  readonly type?: string;
}

const SENTENCES: Readonly<Record<string, string>> = {
  'entity.too.large': 'The request body is larger than the service takes.',
  'entity.parse.failed': 'The request body is not JSON.',
  'encoding.unsupported': 'The content encoding of the request body is not supported.',
  'charset.unsupported': 'The character set of the request body is not supported.',
};

/** Gives a request whose body can't be read an error in the shape that GraphQL clients expect. */
export function answerBodyErrors(error: BodyError, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent || !error.status || error.status < 400 || error.status > 499) {
    next(error);
    return;
  }
  const message = SENTENCES[error.type ?? ''] ?? 'The request body can not be read.';
  response.status(error.status).json({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
}
