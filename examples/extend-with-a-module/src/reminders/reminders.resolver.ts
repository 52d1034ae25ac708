import { Query, Resolver } from '@nestjs/graphql';
import { Tenant } from 'homing';
import { Reminder } from './reminder.js';
import { RemindersService } from './reminders.service.js';

/** Adds `reminders` to the API of Homing. Its access strategy is asked for `query:reminders`. */
@Resolver()
export class RemindersResolver {
  constructor(private readonly service: RemindersService) {}

  @Query(() => [Reminder], { description: 'The reminders that were sent.' })
  reminders(@Tenant() tenant: string): Reminder[] {
    return this.service.of(tenant);
  }
}
