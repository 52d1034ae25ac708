import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { HealthGauges } from './health-gauges.js';
import { Readiness } from './readiness.js';

/** Liveness and readiness. Terminus does not log what is away: whoever needs it does. */
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [Readiness, HealthGauges],
})
export class HealthModule {}
