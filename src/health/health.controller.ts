import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { HealthCheck } from '@nestjs/terminus';
import type { Response } from 'express';
import { Readiness, type ReadinessReport } from './readiness.js';

/** Probes for those who run the service. They need no key and tell nothing but what this node does, and whether it can. */
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** Whether the process answers at all: its event loop turns, or nobody would. */
  @Get('live')
  @HealthCheck()
  live(): { status: 'ok'; details: { loop: { status: 'up' } } } {
    return { status: 'ok', details: { loop: { status: 'up' } } };
  }

  /** Whether it can do now what its roles promise: 503 while it stops or can't, which is known within 2 s. */
  @Get('ready')
  @HealthCheck()
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    if (report.status !== 'ok') response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return report;
  }
}
