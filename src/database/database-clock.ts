import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from './prepared-statement.js';
import { SharedRun } from './shared-run.js';

const NOW = new PreparedStatement<{ now: Date }>('homing_clock', 'SELECT homing_now() AS now');

/**
 * The one clock by which expiry is decided: the database's (`homing_now()`), carried on between two readings by this
 * process's monotonic clock. A node whose own wall clock is wrong or jumps is therefore right all the same.
 *
 * A reading counts from the moment its statement was *sent*, so the clock is never behind the database's by more than
 * the drift since then: a message is rather held back a few milliseconds too early than sent after it expired. Where
 * being ahead would be wrong, `reached` counts from the moment its answer came.
 */
@Injectable()
export class DatabaseClock implements OnApplicationBootstrap {
  private reading = Date.now();
  private readAt = performance.now();
  private answeredAt = this.readAt;
  private readonly asking = new SharedRun(() => this.ask());

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.sync();
  }

  /** The time now, in milliseconds since the epoch. */
  now(): number {
    return Math.floor(this.reading + performance.now() - this.readAt);
  }

  /** A time, in milliseconds since the epoch, that the database's clock has reached for certain: rather behind than ahead. */
  reached(): number {
    return Math.floor(this.reading + performance.now() - this.answeredAt);
  }

  /** How much later the answer of the last reading came than its statement was sent, in milliseconds: the clock is ahead by less. */
  get spread(): number {
    return this.answeredAt - this.readAt;
  }

  /**
   * Takes over a time that a statement sent at `sentAt` (of `performance.now()`) brought back. One that was sent earlier
   * than the reading that is known may be from before the database's clock was set, and is dropped.
   */
  observe(databaseTime: Date, sentAt: number): void {
    if (sentAt < this.readAt) return;
    this.reading = databaseTime.getTime();
    this.readAt = sentAt;
    this.answeredAt = performance.now();
  }

  /** Asks the database for the time, once for all who want it. */
  async sync(): Promise<void> {
    await this.asking.ask();
  }

  private async ask(): Promise<void> {
    // A wait for one of the pool's connections doesn't make the answer less exact.
    const { rows, sentAt } = await NOW.run(this.dataSource, []);
    if (rows[0]) this.observe(rows[0].now, sentAt);
  }
}
