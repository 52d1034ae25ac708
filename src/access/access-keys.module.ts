import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DATA_SOURCE } from '../database/database.module.js';
import { AccessKey } from './access-key.entity.js';
import { AccessKeysService } from './access-keys.service.js';
import { AccessKeysStrategy } from './access-keys.strategy.js';

/** Access keys, and what they let their bearers do. */
@Module({
  imports: [TypeOrmModule.forFeature([AccessKey], DATA_SOURCE)],
  providers: [AccessKeysService, AccessKeysStrategy],
  exports: [AccessKeysService, AccessKeysStrategy],
})
export class AccessKeysModule {}
