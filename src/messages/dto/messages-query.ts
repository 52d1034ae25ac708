import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import { ApiType } from '../../graphql/api-type.decorator.js';
import { Type } from 'class-transformer';
import { IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { DateTimeFilter, PageArgs } from '../../paging/page-args.js';
import { Message } from './message.js';

@InputType({ description: 'Which messages to list; all that is given must hold.' })
export class MessagesFilter {
  @Field(() => String, { nullable: true, description: 'Lists only messages sent to this recipient.' })
  @IsOptional()
  recipient?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Lists the deliveries of this global message. Without it, only messages pushed to specific recipients are listed.',
  })
  @IsOptional()
  @IsUUID('all', { message: 'globalMessageId must be the id of a global message' })
  globalMessageId?: string | null;

  @Field(() => DateTimeFilter, { nullable: true, description: 'Lists only messages created within this range.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => DateTimeFilter)
  createdAt?: DateTimeFilter | null;

  @Field(() => DateTimeFilter, { nullable: true, description: 'Lists only messages that expire within this range.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => DateTimeFilter)
  expiresAt?: DateTimeFilter | null;

  @Field(() => String, { nullable: true, description: 'Lists only messages that were sent with this very topic.' })
  @IsOptional()
  topic?: string | null;
}

@ArgsType()
export class MessagesArgs extends PageArgs {
  @Field(() => MessagesFilter, { nullable: true, description: 'Which messages to list; all of them when left out.' })
  @IsOptional()
  @ValidateNested()
  @Type(() => MessagesFilter)
  filter?: MessagesFilter | null;
}

@ApiType('A page of messages, newest first.')
export class MessagesQueryResult {
  @Field(() => [Message], { description: 'The messages that match the filter.' })
  items: Message[];

  @Field(() => String, {
    nullable: true,
    description: 'Fetches the next page, with the same filter. Null on the last page.',
  })
  nextToken: string | null;
}
