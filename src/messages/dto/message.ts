import { Field, ID } from '@nestjs/graphql';
import { ApiType } from '../../graphql/api-type.decorator.js';
import { DateTimeScalar } from '../../graphql/scalars.js';
import { MessageText } from '../../graphql/selection.js';
import { MessageStatus } from '../message-status.js';

@ApiType('A message to one recipient.')
export class Message {
  @Field(() => ID, { description: 'The unique identifier of the message.' })
  id: string;

  @Field({ description: 'The name of the recipient to which the message was pushed.' })
  @MessageText()
  recipient: string;

  @Field({ description: 'The text of the message.' })
  @MessageText()
  message: string;

  @Field(() => String, { nullable: true, description: 'The topic with which the message was sent.' })
  @MessageText()
  topic: string | null;

  @Field(() => MessageStatus, { description: 'What became of the message.' })
  status: MessageStatus;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the message is due to expire.' })
  expiresAt: Date | null;

  @Field(() => DateTimeScalar, { description: 'When the message was created.' })
  createdAt: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When the recipient's proof arrived. Never later than expiresAt.",
  })
  deliveredAt: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the delivery was cancelled: its expiry.' })
  cancelledAt: Date | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The global message that this is the delivery of; null for a message pushed to its recipient.',
  })
  globalMessageId: string | null;
}
