import { Module } from '@nestjs/common';
import { GraphqlInputModule } from '../graphql/graphql-input.module.js';
import { PagingModule } from '../paging/paging.module.js';
import { GlobalDeliveriesRepository } from './global-deliveries.repository.js';
import { MessageWriter } from './message-writer.js';
import { MessagesRepository } from './messages.repository.js';
import { MessagesResolver } from './messages.resolver.js';
import { MessagesService } from './messages.service.js';

/** Messages to recipients: pushing and listing them. */
@Module({
  imports: [GraphqlInputModule, PagingModule],
  providers: [MessagesResolver, MessagesService, MessageWriter, MessagesRepository, GlobalDeliveriesRepository],
  exports: [MessagesService],
})
export class MessagesModule {}
