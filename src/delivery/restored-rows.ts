import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Log } from '../log/log.js';

const TABLES = ['messages', 'global_messages'] as const;

/** The newest rows are enough to see that a table comes from elsewhere. */
const LOOKED_AT = 1_000;

/**
 * Rows that were restored from a dump bear the transaction numbers of another cluster. A number that this cluster has
 * not reached looks like news to every snapshot, again and again. At the start, before anybody reads, such rows are told
 * to be older than everything.
 */
@Injectable()
export class RestoredRows implements OnModuleInit {
  private readonly log = new Log(RestoredRows.name);

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    for (const table of TABLES) if (await this.isRestored(table)) await this.adopt(table);
  }

  private async isRestored(table: string): Promise<boolean> {
    const [row] = await this.dataSource.query<{ restored: boolean }[]>(`
      SELECT coalesce(max(txid) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false) AS restored
      FROM (SELECT txid FROM ${table} ORDER BY seq DESC LIMIT ${LOOKED_AT}) newest`);
    return row?.restored ?? false;
  }

  private async adopt(table: string): Promise<void> {
    this.log.write('database.adopted', `The rows of ${table} were restored from another database; adopting them`);
    await this.dataSource.transaction(async (manager) => {
      await manager.query('SET LOCAL statement_timeout = 0');
      // All of them: a recipient's messages are listed by transaction.
      await manager.query(`UPDATE ${table} SET txid = 0 WHERE txid > 0`);
    });
  }
}
