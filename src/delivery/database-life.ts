import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/**
 * The life of the database server, from one crash to the next.
 *
 * A transaction that wrote nothing, or was undone, is seen as past before that is on disk. A crash forgets it, and its
 * number is given again: to a message, perhaps, that every snapshot from before the crash claims to have seen. So
 * snapshots can't be carried from one life into another. A mark in a table that a crash empties tells the lives apart.
 */
@Injectable()
export class DatabaseLife implements OnModuleInit {
  private known: string | null = null;
  private readonly listeners: (() => void)[] = [];

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    await this.mark();
  }

  /** Calls `listener` when it is found that the database crashed, before anything that was read since then is used. */
  onCrash(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Takes the mark that a statement saw.
   * @throws Error when there is none: what a life without a mark shows could not be told from what the next one does.
   */
  async observe(mark: string | null): Promise<void> {
    if (this.known !== null && mark !== this.known) for (const listener of this.listeners) listener();
    this.known = mark;
    if (mark !== null) return;
    await this.mark();
    throw new Error('the database was started anew after a crash');
  }

  private async mark(): Promise<void> {
    await this.dataSource.query('INSERT INTO homing_life DEFAULT VALUES ON CONFLICT DO NOTHING');
  }
}
