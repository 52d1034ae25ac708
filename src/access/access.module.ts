import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessKeyAuthenticator } from './access-key-authenticator.js';
import { AccessKey } from './access-key.entity.js';
import { AccessKeysService } from './access-keys.service.js';
import { MutationRate } from './mutation-rate.js';
import { MutationRateGuard } from './mutation-rate.guard.js';
import { ScopeGuard } from './scope.guard.js';

/** Access keys, who a request comes from, and what it may do. */
@Module({
  imports: [TypeOrmModule.forFeature([AccessKey])],
  providers: [
    AccessKeysService,
    AccessKeyAuthenticator,
    MutationRate,
    { provide: APP_GUARD, useClass: ScopeGuard },
    { provide: APP_GUARD, useClass: MutationRateGuard },
  ],
  exports: [AccessKeysService, AccessKeyAuthenticator],
})
export class AccessModule {}
