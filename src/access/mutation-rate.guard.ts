import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { Settings } from '../config/config.module.js';
import { RateLimitedError } from '../graphql/errors.js';
import type { RequestContext } from '../graphql/authenticator.js';

/** Bounds the mutations a second of each tenant: a bucket that refills at the rate and holds a second's worth. */
@Injectable()
export class MutationRateGuard implements CanActivate {
  private readonly buckets = new Map<string, { tokens: number; filledAt: number }>();

  constructor(private readonly settings: Settings) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(context);
    if (graphql.getInfo<GraphQLResolveInfo>().operation.operation !== 'mutation') return true;
    if (!this.take(graphql.getContext<RequestContext>().caller.tenant)) throw new RateLimitedError(1);
    return true;
  }

  private take(tenant: string): boolean {
    const rate = this.settings.mutationRate;
    const now = performance.now();
    const bucket = this.buckets.get(tenant) ?? { tokens: rate, filledAt: now };
    bucket.tokens = Math.min(rate, bucket.tokens + ((now - bucket.filledAt) / 1_000) * rate);
    bucket.filledAt = now;
    this.buckets.set(tenant, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
