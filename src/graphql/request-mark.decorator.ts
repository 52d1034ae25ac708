import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { requestIdOf } from '../http/request-id.js';
import { type Place, traced } from '../traces/tracing.js';
import type { RequestContext } from './access-strategy.js';
import { placeOf } from './operation-spans.js';

/** By what is followed whatever a request sets going: the log by its id, and a trace by where that goes on, if it is traced. */
export interface RequestMark {
  readonly requestId: string;
  readonly place: Place | undefined;
}

/** The mark of the request for which a resolver is called: `pushMessage(@Mark() mark: RequestMark)`. */
export const Mark = createParamDecorator((_data: unknown, context: ExecutionContext): RequestMark => {
  const { request } = GqlExecutionContext.create(context).getContext<RequestContext>();
  return { requestId: requestIdOf(request), place: traced.by === null ? undefined : placeOf(request) };
});
