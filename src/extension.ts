import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';
import type { ClockStrategy } from './database/clock.strategy.js';
import type { FrameEncoder } from './gateway/frame-encoder.js';
import type { AccessStrategy } from './graphql/access-strategy.js';
import type { RecipientTokenStrategy } from './recipients/recipient-token.strategy.js';

/** A strategy: a class, whose constructor is given what the extension's modules export and the services, or what you made of one. */
export type Strategy<T> = T | Type<T>;

/** What a team adds to the service, or puts in place of its own. */
export interface Extension {
  /**
   * Nest modules that become part of the service. The services are injected into their providers without an import, their resolvers
   * add fields to the GraphQL schema, and their handlers hear of domain events.
   */
  readonly imports?: readonly (Type | DynamicModule | Promise<DynamicModule> | ForwardReference)[];
  /** Who may do what at the GraphQL API; by default what the scopes of an access key say. */
  readonly access?: Strategy<AccessStrategy>;
  /** How the token of a recipient is made and read; by default it is sealed with `TOKEN_SECRETS`. */
  readonly recipientTokens?: Strategy<RecipientTokenStrategy>;
  /** What a frame looks like; by default the text of the message, or its CloudEvents envelope. */
  readonly frames?: Strategy<FrameEncoder>;
  /** Where the clock comes from; by default it is that of the database's server. */
  readonly clock?: ClockStrategy;
}
