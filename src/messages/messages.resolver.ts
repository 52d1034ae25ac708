import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Tenant } from '../access/tenant.decorator.js';
import { inSteps } from '../graphql/large-requests.js';
import { Mark, type RequestMark } from '../graphql/request-mark.decorator.js';
import { Selected, type Selection } from '../graphql/selection.js';
import { MessagesArgs, MessagesQueryResult } from './dto/messages-query.js';
import { MessageInput, PushMessageResult } from './dto/push-message.js';
import { MessagesService } from './messages.service.js';

@Resolver()
export class MessagesResolver {
  constructor(private readonly service: MessagesService) {}

  @Query(() => MessagesQueryResult, {
    description:
      'Lists messages pushed to specific recipients (that is, not globally), newest first; with a globalMessageId in the filter, the deliveries of that global message.',
  })
  messages(
    @Tenant() tenant: string,
    @Args() args: MessagesArgs,
    @Selected() selection: Selection,
  ): Promise<MessagesQueryResult> {
    return this.service.list(tenant, args, selection);
  }

  @Mutation(() => [PushMessageResult], {
    description:
      'Sends a message to recipients. It is stored before this answers; connected recipients get it at once, others when they connect, unless it has expired by then. One result for each recipient, in input order.',
  })
  async pushMessage(
    @Tenant() tenant: string,
    @Args('input', { description: 'The message, and to whom it goes.' }) input: MessageInput,
    @Selected() selection: Selection,
    @Mark() mark: RequestMark,
  ): Promise<readonly (PushMessageResult | Promise<PushMessageResult>)[]> {
    return inSteps(await this.service.push(tenant, input, selection, mark));
  }
}
