import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { ForbiddenError } from '../graphql/errors.js';
import type { RequestContext } from '../graphql/authenticator.js';
import type { KeyCaller } from './access-key-authenticator.js';
import { allows, SCOPE_SERVICE } from './scope.js';

/** Lets a query or mutation through when the caller's key has its scope. A field added later is guarded by its own name. */
@Injectable()
export class ScopeGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(context);
    const { operation, fieldName } = graphql.getInfo<GraphQLResolveInfo>();
    const { caller } = graphql.getContext<RequestContext>();
    const needed = `${SCOPE_SERVICE}:${operation.operation}:${fieldName}`;
    if (!allows((caller as KeyCaller).scopes, needed)) throw new ForbiddenError(needed);
    return true;
  }
}
