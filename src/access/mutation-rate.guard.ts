import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { RequestContext } from '../graphql/access-strategy.js';
import { RateLimitedError } from '../graphql/errors.js';
import { selectionOf } from '../graphql/selection.js';
import { MutationRate } from './mutation-rate.js';

/** Bounds the mutations a second of each tenant. */
@Injectable()
export class MutationRateGuard implements CanActivate {
  /** The first mutation of a document pays for all of them: none is stored when they are too many. */
  private readonly paid = new WeakSet<RequestContext>();

  constructor(private readonly rate: MutationRate) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(context);
    const info = graphql.getInfo<GraphQLResolveInfo>();
    const request = graphql.getContext<RequestContext>();
    if (info.operation.operation !== 'mutation' || this.paid.has(request)) return true;
    if (!(await this.rate.take(request.caller.tenant, selectionOf(info).roots)))
      throw new RateLimitedError('mutations', 1);
    this.paid.add(request);
    return true;
  }
}
