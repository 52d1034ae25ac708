import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { ApiType } from '../../graphql/api-type.decorator.js';
import { Type } from 'class-transformer';
import { IsOptional, IsString, ValidateNested } from 'class-validator';
import { IsTime } from '../../graphql/is-time.js';
import { DateTimeScalar } from '../../graphql/scalars.js';
import { MessageText } from '../../graphql/selection.js';
import { DateTimeFilter, PageArgs } from '../../paging/page-args.js';

@InputType({ description: 'A message to all recipients.' })
export class GlobalMessageInput {
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
      'If given, every recipient that connects before this time gets the message, once; if not, those connected now or within 60 s. GMT unless it has an offset, such as 2023-07-18T15:00:00. It must not have passed.',
  })
  @IsOptional()
  @IsTime()
  expiresAt?: Date | null;
}

@ApiType('A message to all recipients. Its deliveries are listed by messages(filter: { globalMessageId }).')
export class GlobalMessage {
  @Field(() => ID, { description: 'The unique identifier of the message.' })
  id: string;

  @Field({ description: 'The text of the message.' })
  @MessageText()
  message: string;

  @Field(() => String, { nullable: true, description: 'The topic with which the message was sent.' })
  @MessageText()
  topic: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the message is due to expire.' })
  expiresAt: Date | null;

  @Field(() => DateTimeScalar, { description: 'When the message was created.' })
  createdAt: Date;
}

@InputType({ description: 'Which global messages to list; all that is given must hold.' })
export class GlobalMessagesFilter {
  @Field(() => DateTimeFilter, { nullable: true, description: 'Lists only global messages pushed within this range.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => DateTimeFilter)
  createdAt?: DateTimeFilter | null;

  @Field(() => DateTimeFilter, {
    nullable: true,
    description: 'Lists only global messages that expire within this range.',
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => DateTimeFilter)
  expiresAt?: DateTimeFilter | null;

  @Field(() => String, {
    nullable: true,
    description: 'Lists only global messages that were sent with this very topic.',
  })
  @IsOptional()
  topic?: string | null;
}

@ArgsType()
export class GlobalMessagesArgs extends PageArgs {
  @Field(() => GlobalMessagesFilter, {
    nullable: true,
    description: 'Which global messages to list; all of them when left out.',
  })
  @IsOptional()
  @ValidateNested()
  @Type(() => GlobalMessagesFilter)
  filter?: GlobalMessagesFilter | null;
}

@ApiType('A page of global messages, newest first.')
export class GlobalMessagesQueryResult {
  @Field(() => [GlobalMessage], { description: 'The global messages that match the filter.' })
  items: GlobalMessage[];

  @Field(() => String, {
    nullable: true,
    description: 'Fetches the next page, with the same filter. Null on the last page.',
  })
  nextToken: string | null;
}
