import { Module } from '@nestjs/common';
import { GraphqlInputModule } from '../graphql/graphql-input.module.js';
import { PagingModule } from '../paging/paging.module.js';
import { GlobalMessagesRepository } from './global-messages.repository.js';
import { GlobalMessagesResolver } from './global-messages.resolver.js';
import { GlobalMessagesService } from './global-messages.service.js';

/** Messages to all recipients of a tenant: pushing and listing them. */
@Module({
  imports: [GraphqlInputModule, PagingModule],
  providers: [GlobalMessagesResolver, GlobalMessagesService, GlobalMessagesRepository],
  exports: [GlobalMessagesService],
})
export class GlobalMessagesModule {}
