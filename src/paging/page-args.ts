import { ArgsType, Field, InputType, Int } from '@nestjs/graphql';
import { IsInt, IsOptional, IsString, Min, ValidateBy } from 'class-validator';
import { parseDateTime } from '../graphql/date-time.js';

function IsDateTime(): PropertyDecorator {
  return ValidateBy({
    name: 'isDateTime',
    validator: {
      validate: (value) => typeof value === 'string' && parseDateTime(value) !== null,
      defaultMessage: () => 'must be an ISO 8601 date, or date and time, such as 2023-07-18 or 2023-07-18T15:00:00Z',
    },
  });
}

@InputType({ description: 'A range of dates, both ends included. Either end may be left out.' })
export class DateTimeFilter {
  @Field(() => String, {
    nullable: true,
    description: 'The start of the range, in ISO 8601: GMT unless it has an offset. A date alone is its first instant.',
  })
  @IsOptional()
  @IsDateTime()
  from?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The end of the range, in ISO 8601: GMT unless it has an offset. A date alone is its last instant.',
  })
  @IsOptional()
  @IsDateTime()
  to?: string | null;
}

/** The arguments that every paged query has. */
@ArgsType()
export class PageArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Fetches the next page: the nextToken of the page before it, with the same filter.',
  })
  @IsOptional()
  @IsString()
  nextToken?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'The most items on a page: 100 when left out, 1,000 at most. A page of long texts may have fewer and a nextToken.',
  })
  @IsOptional()
  @IsInt()
  @Min(1, { message: 'limit must be at least 1' })
  limit?: number | null;
}
