import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { Settings } from '../config/config.module.js';
import { Log } from '../log/log.js';
import { ApiErrorFilter } from './api-error.filter.js';
import type { ApiRequest, RequestContext } from './access-strategy.js';
import { limitDocument } from './document-limits.js';
import { formatErrors } from './errors-format.js';
import { InputValidationPipe } from './input-validation.pipe.js';
import { callerOf } from './known-callers.js';
import { largeRequests } from './large-requests.js';
import { Metrics } from '../metrics/metrics.js';
import { traced } from '../traces/tracing.js';
import { operationCounts } from './operation-counts.js';
import { operationSpans } from './operation-spans.js';
import { knownOperationTypes } from './operation-types.js';
import { variablesCheck } from './variables-check.js';
import { VersionResolver } from './version.resolver.js';

/** The GraphQL endpoint: `POST /graphql`, code first. Who calls is decided by the `AccessStrategy`. */
@Module({})
export class GraphqlModule {
  static forRoot(): DynamicModule {
    const log = new Log('GraphQL');
    return {
      module: GraphqlModule,
      imports: [
        GraphQLModule.forRootAsync<ApolloDriverConfig>({
          driver: ApolloDriver,
          inject: [Settings, Metrics],
          useFactory: (settings: Settings, metrics: Metrics) => ({
            path: '/graphql',
            autoSchemaFile: true,
            sortSchema: true,
            graphiql: false,
            // Asking for the schema needs a key, as any operation does: the context is made before a document is looked at.
            introspection: true,
            // A foreign page can't set any of these without asking first (CORS), so a GET that bears a key needs nothing else.
            csrfPrevention: { requestHeaders: ['x-api-key', 'apollo-require-preflight', 'x-apollo-operation-name'] },
            allowBatchedHttpRequests: false,
            includeStacktraceInErrorResponses: false,
            persistedQueries: false,
            // No type here has cache hints, and looking for them wraps the resolver of every field.
            plugins: [
              operationCounts(metrics),
              ...(traced.by ? [operationSpans(traced.by)] : []),
              largeRequests(settings),
              variablesCheck(settings),
              ApolloServerPluginCacheControlDisabled(),
            ],
            // An error that names an HTTP status (429, 503) is answered with it.
            preserveHttpStatusForExecutionErrors: false,
            // Room for every recipient of the largest push as a literal, and for the selections; more is not even parsed.
            parseOptions: { maxTokens: settings.maxRecipients + 20 * settings.maxQueryFields },
            validationRules: [
              knownOperationTypes,
              limitDocument({
                depth: settings.maxQueryDepth,
                aliases: settings.maxQueryAliases,
                fields: settings.maxQueryFields,
              }),
            ],
            context: async ({ req }: { req: ApiRequest }): Promise<RequestContext> => ({
              caller: await callerOf(req),
              request: req,
            }),
            formatError: formatErrors(log),
          }),
        }),
      ],
      providers: [
        VersionResolver,
        { provide: APP_PIPE, useClass: InputValidationPipe },
        { provide: APP_FILTER, useClass: ApiErrorFilter },
      ],
    };
  }
}
