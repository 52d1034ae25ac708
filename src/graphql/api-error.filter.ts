import { type ArgumentsHost, Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { type GqlContextType, GqlArgumentsHost } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { markError, requestIdOf } from '../http/request-id.js';
import { LogThrottle } from '../log/log-throttle.js';
import { Log } from '../log/log.js';
import type { RequestContext } from './access-strategy.js';
import { UnavailableError } from './errors.js';
import { isUnreachable } from './unreachable.js';

/** A database that is away is told of once in this many milliseconds: any caller could make it a flood. */
const WARNING_STEP = 1_000;

/**
 * Hands the errors of resolvers on to the answer, and those of an unreachable database as what they mean to the caller: here,
 * since `formatErrors` comes too late for the HTTP status. Nest would log each with its stack: a flood that any caller could
 * cause. `formatErrors` logs what nobody expected.
 */
@Catch()
export class ApiErrorFilter extends BaseExceptionFilter {
  private readonly log = new Log('GraphQL');
  private readonly warnings = new LogThrottle(WARNING_STEP);

  override catch(error: unknown, host: ArgumentsHost): unknown {
    // This `catch` is the filter's, not a promise's.
    // oxlint-disable-next-line promise/valid-params
    if (host.getType<GqlContextType>() !== 'graphql') return super.catch(error, host);
    const graphql = GqlArgumentsHost.create(host);
    const { request } = graphql.getContext<RequestContext>();
    markError(error, request);
    if (!isUnreachable(error)) return error;
    const { operation } = graphql.getInfo<GraphQLResolveInfo>();
    const line = { requestId: requestIdOf(request), error };
    if (this.warnings.isDue()) this.log.write('database.unreachable', "The database can't be reached", line);
    else this.log.write('request.unavailable', "The database can't be reached", line);
    return new UnavailableError(operation.operation);
  }
}
