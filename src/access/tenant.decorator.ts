import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { RequestContext } from '../graphql/access-strategy.js';

/** The tenant on whose behalf a resolver is called: `messages(@Tenant() tenant: string)`. */
export const Tenant = createParamDecorator(
  (_data: unknown, context: ExecutionContext): string =>
    GqlExecutionContext.create(context).getContext<RequestContext>().caller.tenant,
);
