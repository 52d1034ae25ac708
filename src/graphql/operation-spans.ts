import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestHandler } from 'express';
import { requestIdOf } from '../http/request-id.js';
import type { Place, Span, Tracer } from '../traces/tracing.js';
import type { RequestContext } from './access-strategy.js';
import { nameOf, outcomeOf } from './operation-counts.js';

const ROUTE = '/graphql';
/** Outcomes that are no caller's mistake. */
const OURS: readonly string[] = ['internal_server_error', 'unavailable'];

/** When requests came, by `performance.now()`. */
const arrivals = new WeakMap<object, number>();
const spans = new WeakMap<object, Span>();

/** Notes when a request comes, before its sender is known and its body is read. */
export function noteArrivals(): RequestHandler {
  return (request, _response, next) => {
    arrivals.set(request, performance.now());
    next();
  };
}

/** Where the trace of a request goes on, if it is traced. */
export function placeOf(request: object): Place | undefined {
  return spans.get(request)?.place;
}

/**
 * A span for each operation that can be run, for callers who are known: what a stranger sends costs no span, and is no word on what to
 * record. It belongs to the trace that the header `traceparent` names, or begins one.
 */
export function operationSpans(tracer: Tracer): ApolloServerPlugin {
  return {
    async requestDidStart({ contextValue }) {
      const { request } = contextValue as RequestContext;
      let span: Span | undefined;
      return {
        async didResolveOperation({ operation, request: { http } }) {
          if (!operation) return;
          span = tracer.begin(`${operation.operation} ${nameOf(operation)}`, {
            kind: 'server',
            parent: tracer.placeOf(request.headers['traceparent']),
            began: arrivals.get(request),
            facts: {
              'http.request.method': http?.method,
              'http.route': ROUTE,
              'url.path': ROUTE,
              'url.scheme': request.protocol,
              'graphql.operation.type': operation.operation,
              'homing.request_id': requestIdOf(request),
            },
          });
          spans.set(request, span);
        },
        async willSendResponse(context) {
          const outcome = outcomeOf(context);
          span?.tell({
            'http.response.status_code': context.response.http.status ?? 200,
            'error.type': outcome === 'ok' ? undefined : outcome,
          });
          span?.end(OURS.includes(outcome) ? outcome : undefined);
        },
      };
    },
  };
}
