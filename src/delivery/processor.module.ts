import { Module } from '@nestjs/common';
import { DeliveryProcessor } from './delivery.processor.js';
import { HousekeepingRepository } from './housekeeping.repository.js';
import { ProofsModule } from './proofs.module.js';

/** The processor of the queue and its schedules: a node that has this module works the queue. */
@Module({ imports: [ProofsModule], providers: [DeliveryProcessor, HousekeepingRepository] })
export class ProcessorModule {}
