import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { AccessStrategy, type RequestContext } from '../graphql/access-strategy.js';

/** Lets a query or mutation through when the access strategy does. A field added later is guarded by its own name. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly access: AccessStrategy) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(context);
    const { operation, fieldName } = graphql.getInfo<GraphQLResolveInfo>();
    // The schema has no subscriptions.
    const kind = operation.operation as 'query' | 'mutation';
    this.access.authorize(graphql.getContext<RequestContext>().caller, { kind, field: fieldName });
    return true;
  }
}
