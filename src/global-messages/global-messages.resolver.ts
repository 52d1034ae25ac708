import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Tenant } from '../access/tenant.decorator.js';
import { Mark, type RequestMark } from '../graphql/request-mark.decorator.js';
import { Selected, type Selection } from '../graphql/selection.js';
import {
  GlobalMessage,
  GlobalMessageInput,
  GlobalMessagesArgs,
  GlobalMessagesQueryResult,
} from './dto/global-message.js';
import { GlobalMessagesService } from './global-messages.service.js';

@Resolver()
export class GlobalMessagesResolver {
  constructor(private readonly service: GlobalMessagesService) {}

  @Query(() => GlobalMessagesQueryResult, {
    description: 'Lists all messages pushed globally to all recipients, newest first.',
  })
  globalMessages(
    @Tenant() tenant: string,
    @Args() args: GlobalMessagesArgs,
    @Selected() selection: Selection,
  ): Promise<GlobalMessagesQueryResult> {
    return this.service.list(tenant, args, selection);
  }

  @Mutation(() => GlobalMessage, {
    description:
      'Sends a message to all recipients that are connected, and with an expiresAt also to all that connect before it.',
  })
  pushGlobalMessage(
    @Tenant() tenant: string,
    @Args('input', { description: 'The message.' }) input: GlobalMessageInput,
    @Selected() selection: Selection,
    @Mark() mark: RequestMark,
  ): Promise<GlobalMessage> {
    return this.service.push(tenant, input, selection, mark);
  }
}
