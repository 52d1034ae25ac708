import { Module } from '@nestjs/common';
import { GraphqlInputModule } from '../graphql/graphql-input.module.js';
import { RecipientTokens } from './recipient-token.js';
import { RecipientsResolver } from './recipients.resolver.js';
import { RecipientsService } from './recipients.service.js';
import { RevocationsModule } from './revocations.module.js';
import { RevokedRecipients } from './revoked-recipients.js';

/** Recipients: the mutation that registers them, their tokens, and the end of these. */
@Module({
  imports: [GraphqlInputModule, RevocationsModule],
  providers: [RecipientsResolver, RecipientsService, RecipientTokens, RevokedRecipients],
  exports: [RecipientsService, RecipientTokens, RevokedRecipients],
})
export class RecipientsModule {}
