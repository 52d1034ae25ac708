import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthGauges } from './health-gauges.js';
import { Readiness } from './readiness.js';

/** Liveness and readiness. */
@Module({ controllers: [HealthController], providers: [Readiness, HealthGauges] })
export class HealthModule {}
