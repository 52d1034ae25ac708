import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { Settings } from '../config/config.module.js';
import type { RequestContext } from '../graphql/authenticator.js';
import { RateLimitedError } from '../graphql/errors.js';
import { selectionOf } from '../graphql/selection.js';

/** Bounds the mutations a second of each tenant: a bucket that refills at the rate and holds a second's worth. */
@Injectable()
export class MutationRateGuard implements CanActivate {
  private readonly buckets = new Map<string, { tokens: number; filledAt: number }>();
  /** The first mutation of a document pays for all of them: none is stored when they are too many. */
  private readonly paid = new WeakSet<RequestContext>();

  constructor(private readonly settings: Settings) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(context);
    const info = graphql.getInfo<GraphQLResolveInfo>();
    const request = graphql.getContext<RequestContext>();
    if (info.operation.operation !== 'mutation' || this.paid.has(request)) return true;
    if (!this.take(request.caller.tenant, selectionOf(info).roots)) throw new RateLimitedError(1);
    this.paid.add(request);
    return true;
  }

  private take(tenant: string, count: number): boolean {
    const rate = this.settings.mutationRate;
    const now = performance.now();
    const bucket = this.buckets.get(tenant) ?? { tokens: rate, filledAt: now };
    bucket.tokens = Math.min(rate, bucket.tokens + ((now - bucket.filledAt) / 1_000) * rate);
    bucket.filledAt = now;
    this.buckets.set(tenant, bucket);
    if (bucket.tokens < count) return false;
    bucket.tokens -= count;
    return true;
  }
}
