import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { FilteredQuery } from '../paging/filtered-query.js';
import type { MessagesFilter } from './dto/messages-query.js';
import { MessageStatus } from './message-status.js';

/** A message as it is listed, its text included. `expired` says that it is past its expiry by the database's clock. */
export interface MessageRow {
  readonly seq: string;
  readonly id: string;
  readonly recipient: string;
  readonly message: string;
  readonly topic: string | null;
  readonly status: MessageStatus;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly deliveredAt: Date | null;
  readonly cancelledAt: Date | null;
  readonly globalMessageId: string | null;
  readonly expired: boolean;
}

const SELECT = `
  SELECT seq, id, recipient, topic, status, expires_at AS "expiresAt", created_at AS "createdAt",
    delivered_at AS "deliveredAt", cancelled_at AS "cancelledAt", global_message_id AS "globalMessageId",
    coalesce(message, (SELECT g.message FROM global_messages g WHERE g.id = global_message_id), '') AS message,
    coalesce(expires_at <= homing_now(), false) AS expired
  FROM messages`;

/** Lists messages. */
@Injectable()
export class MessagesRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Messages of a tenant older than `before`, newest first; one more than `limit` if there are more. */
  async list(tenant: string, filter: MessagesFilter, before: string | null, limit: number): Promise<MessageRow[]> {
    const query = new FilteredQuery()
      .where('tenant', '=', tenant)
      .where('seq', '<', before)
      .where('recipient', '=', filter.recipient)
      .where('topic', '=', filter.topic)
      .within('created_at', filter.createdAt)
      .within('expires_at', filter.expiresAt);
    if (filter.globalMessageId) query.where('global_message_id', '=', filter.globalMessageId);
    else query.whereRaw('global_message_id IS NULL');
    const rows = await this.dataSource.query<MessageRow[]>(`${SELECT} ${query.page(limit)}`, query.parameters);
    return this.settleExpired(rows);
  }

  /**
   * No query shows PENDING after the expiry, even before the sweep came by. Rows in that state are cancelled here and
   * now rather than only shown so: a proof that is being recorded at this moment then wins or loses in the database,
   * and what was shown can't be taken back.
   */
  private async settleExpired(rows: MessageRow[]): Promise<MessageRow[]> {
    const due = rows.filter(({ status, expired }) => expired && status === MessageStatus.PENDING).map(({ seq }) => seq);
    if (due.length === 0) return rows;
    await this.cancelExpired(due);
    const settled = await this.dataSource.query<MessageRow[]>(`${SELECT} WHERE seq = ANY($1)`, [due]);
    const bySeq = new Map(settled.map((row) => [row.seq, row]));
    return rows.map((row) => bySeq.get(row.seq) ?? row);
  }

  private async cancelExpired(seqs: readonly string[]): Promise<void> {
    await this.dataSource.query(
      `UPDATE messages SET status = 'CANCELLED', cancelled_at = expires_at
       WHERE seq = ANY($1) AND status = 'PENDING' AND expires_at <= homing_now()`,
      [seqs],
    );
  }
}
