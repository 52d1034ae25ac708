import { Field, InputType } from '@nestjs/graphql';
import { ApiType } from '../../graphql/api-type.decorator.js';
import { ArrayNotEmpty, IsArray, IsOptional, IsString } from 'class-validator';
import { IsTime } from '../../graphql/is-time.js';
import { DateTimeScalar } from '../../graphql/scalars.js';
import { Message } from './message.js';

@InputType({ description: 'A message, and to whom it goes.' })
export class MessageInput {
  @Field(() => [String], {
    description: 'The recipients, at least one and at most 10,000. One that is named twice gets the message once.',
  })
  @IsArray()
  @ArrayNotEmpty({ message: 'recipients must name at least one recipient' })
  recipients: string[];

  @Field({ description: 'The text of the message, at most 64 KiB of UTF-8.' })
  @IsString()
  message: string;

  @Field(() => String, {
    nullable: true,
    description: 'If given, the message goes only to connections whose recipient was registered with this very topic.',
  })
  @IsOptional()
  @IsString()
  topic?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      'If given, the message is not sent after this time. GMT unless it has an offset, such as 2023-07-18T15:00:00. It must not have passed.',
  })
  @IsOptional()
  @IsTime()
  expiresAt?: Date | null;
}

@ApiType('Why a message was not stored for a recipient.')
export class PushMessageError {
  @Field({ description: 'A sentence that says what is wrong.' })
  message: string;
}

@ApiType('What became of a push to one recipient: exactly one of item and error is set.')
export class PushMessageResult {
  @Field(() => Message, { nullable: true, description: 'The message, which is stored.' })
  item: Message | null;

  @Field(() => PushMessageError, { nullable: true, description: 'Why nothing was stored for this recipient.' })
  error: PushMessageError | null;
}
