import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Door } from '../gateway/door.js';
import { DatabaseCheck } from './database-check.js';

/** Probes for those who run the service. They need no key and tell nothing but up or down. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: DatabaseCheck,
    private readonly door: Door,
  ) {}

  /** Whether the process answers at all. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Whether it can take and deliver messages now: 503 while it stops, or while the database can't be reached, which is known within 2 s. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) response: Response): Promise<object> {
    const database = (await this.database.isReachable()) ? 'ok' : 'unreachable';
    const draining = this.door.isShut;
    const ready = database === 'ok' && !draining;
    if (!ready) response.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: ready ? 'ok' : 'unavailable', database, draining };
  }
}
