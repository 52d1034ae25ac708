import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { HandlerExplorer } from './handler-explorer.js';
import { HandlerGauges } from './handler-gauges.js';
import { Handlers } from './handlers.js';
import { OutboxMover } from './outbox-mover.js';
import { OutboxRepository } from './outbox.repository.js';

/** The handlers of domain events that the modules of this process have. Where there are none, it does nothing. */
@Module({
  imports: [DiscoveryModule],
  providers: [Handlers, HandlerExplorer, HandlerGauges, OutboxRepository, OutboxMover],
  exports: [Handlers, HandlerExplorer],
})
export class HandlersModule {}
