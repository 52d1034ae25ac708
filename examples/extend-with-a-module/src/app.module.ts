import { Module } from '@nestjs/common';
import { HomingModule } from 'homing';
import { JwtAccess } from './access/jwt-access.js';
import { RemindersModule } from './reminders/reminders.module.js';

const { HOMING_DATABASE_URL, HOMING_TOKEN_SECRETS, HOMING_DATA_DIR, JWT_SECRET = '' } = process.env;

/** Our application. Homing is mounted in it at `/homing`. */
@Module({
  imports: [
    HomingModule.forRoot({
      path: '/homing',
      settings: {
        DATABASE_URL: HOMING_DATABASE_URL,
        TOKEN_SECRETS: HOMING_TOKEN_SECRETS,
        DATA_DIR: HOMING_DATA_DIR,
      },
      imports: [RemindersModule],
      access: new JwtAccess(JWT_SECRET),
    }),
  ],
})
export class AppModule {}
