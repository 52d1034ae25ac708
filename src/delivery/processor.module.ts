import { Module } from '@nestjs/common';
import { DeliveryProcessor } from './delivery.processor.js';
import { HousekeepingRepository } from './housekeeping.repository.js';
import { PendingGauges } from './pending-gauges.js';
import { PendingRepository } from './pending.repository.js';
import { ProofsModule } from './proofs.module.js';

/** The processor of the queue and its schedules: a node that has this module works the queue. */
@Module({
  imports: [ProofsModule],
  providers: [DeliveryProcessor, HousekeepingRepository, PendingRepository, PendingGauges],
})
export class ProcessorModule {}
