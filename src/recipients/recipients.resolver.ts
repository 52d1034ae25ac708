import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import { Tenant } from '../access/tenant.decorator.js';
import type { RequestContext } from '../graphql/access-strategy.js';
import { RegisterRecipientInput, RegisterRecipientResponse } from './dto/register-recipient.js';
import { RecipientsService } from './recipients.service.js';
import { requestBase } from './request-base.js';

@Resolver()
export class RecipientsResolver {
  constructor(private readonly recipients: RecipientsService) {}

  @Mutation(() => RegisterRecipientResponse, {
    description:
      'Registers a recipient to which your application can push messages, and gives the URI at which its browser connects. Nothing is stored.',
  })
  registerRecipient(
    @Tenant() tenant: string,
    @Args('input', { description: 'Who may connect, and from where.' }) input: RegisterRecipientInput,
    @Context() { request }: RequestContext,
  ): RegisterRecipientResponse {
    return this.recipients.register(tenant, input, requestBase(request));
  }
}
