import { Module } from '@nestjs/common';
import { DatabaseLife } from './database-life.js';
import { InboxRepository } from './inbox.repository.js';
import { ProofLedger } from './proof-ledger.js';
import { ProofsModule } from './proofs.module.js';
import { RestoredRows } from './restored-rows.js';

/** The inboxes, and the proofs of what was sent from them. */
@Module({
  imports: [ProofsModule],
  providers: [DatabaseLife, InboxRepository, ProofLedger, RestoredRows],
  exports: [DatabaseLife, InboxRepository, ProofLedger],
})
export class DeliveryModule {}
