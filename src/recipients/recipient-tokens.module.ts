import { Module } from '@nestjs/common';
import { RecipientTokens } from './recipient-token.js';
import { RevocationsModule } from './revocations.module.js';
import { RevokedRecipients } from './revoked-recipients.js';

/** The tokens of recipients, made and read, and which of them were revoked. */
@Module({
  imports: [RevocationsModule],
  providers: [RecipientTokens, RevokedRecipients],
  exports: [RecipientTokens, RevokedRecipients],
})
export class RecipientTokensModule {}
