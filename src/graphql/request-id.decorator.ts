import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import { requestIdOf } from '../http/request-id.js';
import type { RequestContext } from './authenticator.js';

/** The id of the request for which a resolver is called: `pushMessage(@RequestId() requestId: string)`. */
export const RequestId = createParamDecorator((_data: unknown, context: ExecutionContext): string =>
  requestIdOf(GqlExecutionContext.create(context).getContext<RequestContext>().request),
);
