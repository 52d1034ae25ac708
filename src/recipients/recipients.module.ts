import { Module } from '@nestjs/common';
import { GraphqlInputModule } from '../graphql/graphql-input.module.js';
import { RecipientTokens } from './recipient-token.js';
import { RecipientsResolver } from './recipients.resolver.js';
import { RecipientsService } from './recipients.service.js';

/** Recipients: the mutation that registers them, and their tokens. */
@Module({
  imports: [GraphqlInputModule],
  providers: [RecipientsResolver, RecipientsService, RecipientTokens],
  exports: [RecipientsService, RecipientTokens],
})
export class RecipientsModule {}
