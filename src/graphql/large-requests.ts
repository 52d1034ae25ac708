import { setImmediate as nextTurn, setTimeout as rest } from 'node:timers/promises';
import type { ApolloServerPlugin, BaseContext, GraphQLRequest, GraphQLRequestListener } from '@apollo/server';
import type { SettingValues } from '../config/settings.js';
import type { RequestContext } from './access-strategy.js';
import { RateLimitedError } from './errors.js';
import { Turns } from './turns.js';

/** A request is large when the lists in its variables have more entries, or its document more characters. */
const LARGE_LIST = 1_000;
const LARGE_DOCUMENT = 16_384;
/** How long a large request waits for its turn, in milliseconds. */
const PATIENCE = 30_000;
/** Its turn lasts so long at most, in milliseconds: one that hangs holds nobody up. */
const LONGEST_TURN = 2_000;
/** So long after the last small request, in milliseconds, large ones make room for the next. */
const ATTENTION = 1_000;
/** Then each step of a large request is followed by a rest of so many times its length, in which the small ones go on, and the database, too. */
const REST = 3;
/** The longest rest, in milliseconds. */
const LONGEST_REST = 300;

/** When the last small request came, and when a large one last went on. A process has one event loop. */
let lastSmall = -Infinity;
let wentOn = 0;

/** Between two steps of a large request: what came meanwhile goes first. */
async function othersFirst(): Promise<void> {
  const now = performance.now();
  if (now - lastSmall < ATTENTION) await rest(Math.min(REST * (now - wentOn), LONGEST_REST));
  else await nextTurn();
  wentOn = performance.now();
}

/** Lets what came meanwhile go before the next step of work on so many things, if they are many. */
export async function letOthersGoFirst(count: number): Promise<void> {
  if (count > LARGE_LIST) await othersFirst();
}

/**
 * The items of a long list of an answer, which graphql then completes so many at a time; what came meanwhile goes before each step. A
 * short list is given as it is.
 */
export function inSteps<T>(items: readonly T[]): readonly (T | Promise<T>)[] {
  if (items.length <= LARGE_LIST) return items;
  let step: Promise<unknown> = Promise.resolve();
  return items.map((item, i) => {
    if (i % LARGE_LIST === 0) step = step.then(() => othersFirst());
    return step.then(() => item);
  });
}

/**
 * A push to thousands takes the process tens of milliseconds, in which it does nothing else. So large requests wait in a line, of
 * which one is worked on at a time and tenants take turns, and the small ones that came meanwhile go before each of its steps. While
 * small ones come, it rests between its steps, too: they need several turns of the event loop and the database, and a core to themselves.
 */
export function largeRequests({ maxWaitingQueries }: Pick<SettingValues, 'maxWaitingQueries'>): ApolloServerPlugin {
  const refuse = () => new RateLimitedError('large requests that wait', 1);
  const turns = new Turns({
    atOnce: 1,
    waiting: maxWaitingQueries,
    patience: PATIENCE,
    tooMany: refuse,
    late: refuse,
  });
  return {
    async requestDidStart({ request, contextValue }) {
      if (!isLarge(request)) {
        lastSmall = performance.now();
        return undefined;
      }
      const { caller, request: http } = contextValue as RequestContext;
      const { tenant } = caller;
      try {
        await turns.take(tenant);
      } catch (refusal) {
        return refused(request, refusal);
      }
      const end = once(() => turns.end(tenant));
      if (http.socket.destroyed) {
        end();
        return refused(request, refuse());
      }
      const timer = setTimeout(end, LONGEST_TURN);
      // Nothing was done yet that a rest could be as long as.
      await nextTurn();
      wentOn = performance.now();
      return {
        async didResolveOperation() {
          await othersFirst();
        },
        async willSendResponse() {
          await othersFirst();
          clearTimeout(timer);
          end();
        },
      };
    },
  };
}

/** Answers with the refusal alone: a large document is not even parsed. */
function refused(request: GraphQLRequest, refusal: unknown): GraphQLRequestListener<BaseContext> {
  request.query = '{ __typename }';
  request.variables = request.operationName = undefined;
  return {
    didResolveOperation() {
      return Promise.reject(refusal);
    },
  };
}

function isLarge({ query, variables }: GraphQLRequest): boolean {
  return (query !== undefined && query.length > LARGE_DOCUMENT) || entries(variables, 2) > LARGE_LIST;
}

/** How many entries the lists in an object have, or in the objects in it: the schema takes lists nowhere else. */
function entries(value: unknown, depth: number): number {
  if (Array.isArray(value)) return value.length;
  if (depth === 0 || typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, below) => sum + entries(below, depth - 1), 0);
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
