import { Field, ID, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'An e-mail about a message that waits for its recipient.' })
export class Reminder {
  @Field(() => ID, { description: 'The message that waits.' })
  messageId!: string;

  @Field({ description: 'Who was written to.' })
  recipient!: string;
}
