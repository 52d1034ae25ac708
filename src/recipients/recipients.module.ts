import { Module } from '@nestjs/common';
import { GraphqlInputModule } from '../graphql/graphql-input.module.js';
import { RecipientTokensModule } from './recipient-tokens.module.js';
import { RecipientsResolver } from './recipients.resolver.js';
import { RecipientsService } from './recipients.service.js';
import { RevocationsModule } from './revocations.module.js';

/** Recipients: the mutation that registers them, and the end of their tokens. */
@Module({
  imports: [GraphqlInputModule, RecipientTokensModule, RevocationsModule],
  providers: [RecipientsResolver, RecipientsService],
  exports: [RecipientsService],
})
export class RecipientsModule {}
