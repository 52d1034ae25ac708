import { Module } from '@nestjs/common';
import { GatewayModule } from '../gateway/gateway.module.js';
import { DatabaseCheck } from './database-check.js';
import { HealthController } from './health.controller.js';

/** Liveness and readiness. */
@Module({ imports: [GatewayModule], controllers: [HealthController], providers: [DatabaseCheck] })
export class HealthModule {}
