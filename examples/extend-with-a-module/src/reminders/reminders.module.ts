import { Module } from '@nestjs/common';
import { Mailer } from './mailer.js';
import { RemindersResolver } from './reminders.resolver.js';
import { RemindersService } from './reminders.service.js';

/** Tells recipients by e-mail of a message that did not reach them. It becomes part of Homing, and so needs no import for its services. */
@Module({ providers: [Mailer, RemindersService, RemindersResolver] })
export class RemindersModule {}
