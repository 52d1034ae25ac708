import type { ApolloServerPlugin, BaseContext, GraphQLRequestContextWillSendResponse } from '@apollo/server';
import { Kind, type OperationDefinitionNode } from 'graphql';
import type { Metrics } from '../metrics/metrics.js';
import type { ErrorCode } from './errors.js';

const CODES: Readonly<Record<ErrorCode, string>> = {
  BAD_USER_INPUT: 'bad_user_input',
  UNAUTHENTICATED: 'unauthenticated',
  FORBIDDEN: 'forbidden',
  RATE_LIMITED: 'rate_limited',
  UNAVAILABLE: 'unavailable',
  INTERNAL_SERVER_ERROR: 'internal_server_error',
};

/**
 * Counts the operations of the endpoint, and how long they take. What a document calls its operation is the caller's word, of
 * which there is no end; the fields of the schema are few.
 */
export function operationCounts(metrics: Metrics): ApolloServerPlugin {
  return {
    async requestDidStart() {
      const began = performance.now();
      return {
        async willSendResponse(context) {
          const operation = nameOf(context.operation);
          metrics.operations.of({ operation, outcome: outcomeOf(context) }).add();
          metrics.operationDuration.of({ operation }).observe((performance.now() - began) / 1_000);
        },
      };
    },
    async contextCreationDidFail({ error }) {
      metrics.operations.of({ operation: 'none', outcome: codeOf(error) }).add();
    },
  };
}

/** The one field that a valid operation asks for, `several`, or `none` for a document that is refused. */
export function nameOf(operation: OperationDefinitionNode | undefined): string {
  if (!operation) return 'none';
  const [first, ...others] = operation.selectionSet.selections;
  if (others.length > 0 || first?.kind !== Kind.FIELD) return 'several';
  return first.name.value;
}

/** `ok`, or the code of what went wrong. */
export function outcomeOf({ response: { body } }: GraphQLRequestContextWillSendResponse<BaseContext>): string {
  const [error] = (body.kind === 'single' && body.singleResult.errors) || [];
  return error ? codeOf(error) : 'ok';
}

/** The code of an error, if it is one of ours; all that Apollo says of documents and requests is `bad_request`. */
function codeOf(error: unknown): string {
  const code = (error as { extensions?: { code?: unknown } }).extensions?.code;
  return CODES[code as ErrorCode] ?? 'bad_request';
}
