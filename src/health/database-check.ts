import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';

/** How long the database may take, in milliseconds. */
const PATIENCE = 1_500;
/** How long an answer holds, in milliseconds. */
const FRESH = 500;

const CHECK = new PreparedStatement('homing_check', 'SELECT 1', PATIENCE);

/** Whether the database answers. However many ask, one statement at a time does: a flood can't take the connections. */
@Injectable()
export class DatabaseCheck {
  private checking: Promise<boolean> | null = null;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  isReachable(): Promise<boolean> {
    this.checking ??= this.check();
    // A statement may also have to wait for one of the connections.
    return Promise.race([this.checking, pause(PATIENCE, false, { ref: false })]);
  }

  private async check(): Promise<boolean> {
    const reachable = await CHECK.run(this.dataSource, []).then(
      () => true,
      () => false,
    );
    setTimeout(() => (this.checking = null), FRESH).unref();
    return reachable;
  }
}
