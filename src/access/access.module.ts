import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { MutationRateGuard } from './mutation-rate.guard.js';
import { MutationRate } from './mutation-rate.js';

/** What every operation of the API passes: whether its caller may do it, and how often. */
@Module({
  providers: [
    MutationRate,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: MutationRateGuard },
  ],
})
export class AccessModule {}
