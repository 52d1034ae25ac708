import { Module } from '@nestjs/common';
import { DatabaseLife } from './database-life.js';
import { DeliveryProcessor } from './delivery.processor.js';
import { HousekeepingRepository } from './housekeeping.repository.js';
import { InboxRepository } from './inbox.repository.js';
import { ProofLedger } from './proof-ledger.js';
import { ProofsRepository } from './proofs.repository.js';
import { RestoredRows } from './restored-rows.js';

/** The inboxes, the proofs, and the processor of the queue. */
@Module({
  providers: [
    DatabaseLife,
    InboxRepository,
    ProofLedger,
    ProofsRepository,
    HousekeepingRepository,
    RestoredRows,
    DeliveryProcessor,
  ],
  exports: [DatabaseLife, InboxRepository, ProofLedger],
})
export class DeliveryModule {}
