import { Module } from '@nestjs/common';
import { PendingRepository } from './pending.repository.js';

/** What waits for its recipients, for whoever shows it. */
@Module({ providers: [PendingRepository], exports: [PendingRepository] })
export class PendingModule {}
