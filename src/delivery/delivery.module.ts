import { Module } from '@nestjs/common';
import { DatabaseLife } from './database-life.js';
import { InboxRepository } from './inbox.repository.js';
import { ProofsModule } from './proofs.module.js';
import { RestoredRows } from './restored-rows.js';

/** The inboxes, and the proofs of what was sent from them. */
@Module({
  imports: [ProofsModule],
  providers: [DatabaseLife, InboxRepository, RestoredRows],
  exports: [DatabaseLife, InboxRepository, ProofsModule],
})
export class DeliveryModule {}
