import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { Settings } from '../config/config.module.js';
import { RateLimitedError } from '../graphql/errors.js';
import type { RequestContext } from '../graphql/authenticator.js';
import { RateBuckets } from './rate-buckets.js';

/** Bounds the mutations a second of each tenant. */
@Injectable()
export class MutationRateGuard implements CanActivate {
  private readonly buckets: RateBuckets;

  constructor({ mutationRate }: Settings) {
    this.buckets = new RateBuckets(mutationRate, mutationRate);
  }

  canActivate(context: ExecutionContext): boolean {
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(context);
    if (graphql.getInfo<GraphQLResolveInfo>().operation.operation !== 'mutation') return true;
    if (!this.buckets.take(graphql.getContext<RequestContext>().caller.tenant))
      throw new RateLimitedError('mutations', 1);
    return true;
  }
}
