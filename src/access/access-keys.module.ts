import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessKey } from './access-key.entity.js';
import { AccessKeysService } from './access-keys.service.js';
import { AccessKeysStrategy } from './access-keys.strategy.js';

/** Access keys, and what they let their bearers do. */
@Module({
  imports: [TypeOrmModule.forFeature([AccessKey])],
  providers: [AccessKeysService, AccessKeysStrategy],
  exports: [AccessKeysService, AccessKeysStrategy],
})
export class AccessKeysModule {}
