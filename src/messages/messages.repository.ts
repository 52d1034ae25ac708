import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Facts } from '../events/facts.js';
import { HandledEvents } from '../events/handled-events.js';
import { MessageCancelled } from '../events/message-cancelled.event.js';
import { CANCELLED, telling } from '../events/outbox.sql.js';
import { TEXTS } from '../graphql/selection.js';
import { FilteredQuery, isGiven } from '../paging/filtered-query.js';
import type { PageBounds, Rows } from '../paging/pager.js';
import type { MessagesFilter } from './dto/messages-query.js';
import { MessageStatus } from './message-status.js';

/** A message as it is listed; its text is empty where it is not shown. `expired` says that it is past its expiry by the database's clock. */
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
  readonly globalMessageId: null;
  readonly expired: boolean;
}

const SETTLED = 'seq, status, delivered_at AS "deliveredAt", cancelled_at AS "cancelledAt"';

const columns = (withText: boolean): string => `
  ${SETTLED}, id, recipient, topic, expires_at AS "expiresAt", created_at AS "createdAt",
  NULL AS "globalMessageId", ${withText ? 'message' : "'' AS message"},
  coalesce(expires_at <= homing_now(), false) AS expired`;

/** By the time of the push; of one recipient by its transaction, so that the index that finds news serves pages, too. */
const ORDER = ['created_at', 'seq'];
const ORDER_OF_RECIPIENT = ['txid', 'seq'];

const CANCEL = `UPDATE messages SET status = 'CANCELLED', cancelled_at = expires_at
       WHERE seq = ANY($1) AND status = 'PENDING' AND expires_at <= homing_now()`;

/** The same, where handlers want to know of each. */
const CANCEL_AND_TELL = telling(
  `UPDATE messages m SET status = 'CANCELLED', cancelled_at = expires_at
       WHERE seq = ANY($1) AND status = 'PENDING' AND expires_at <= homing_now() RETURNING ${CANCELLED.returned}`,
  MessageCancelled.name,
  CANCELLED.facts,
  '$2::boolean',
);

/** Lists the messages that were pushed to recipients. */
@Injectable()
export class MessagesRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly handled: HandledEvents,
  ) {}

  /** A page of a tenant's messages. */
  async list(tenant: string, filter: MessagesFilter, bounds: PageBounds): Promise<Rows<MessageRow>> {
    const { recipient, topic } = filter;
    const query = new FilteredQuery()
      .where('tenant', '=', tenant)
      .where('recipient', '=', recipient)
      .where('topic', '=', topic)
      .within('created_at', filter.createdAt)
      .within('expires_at', filter.expiresAt);
    // Those of a recipient or a topic may be few, and far apart in the index of all.
    if (!isGiven(recipient) && !isGiven(topic)) query.throughAll();
    const { rows, more } = await query.page<MessageRow>(
      this.dataSource,
      {
        columns: columns(bounds.texts.message > 0),
        from: 'messages',
        order: isGiven(recipient) ? ORDER_OF_RECIPIENT : ORDER,
        texts: TEXTS,
      },
      bounds,
    );
    return { rows: await this.settleExpired(rows), more };
  }

  /**
   * No query shows PENDING after the expiry, even before the sweep came by. Rows in that state are cancelled here and
   * now rather than only shown so: a proof that is being recorded at this moment then wins or loses in the database,
   * and what was shown can't be taken back.
   */
  private async settleExpired<Row extends MessageRow>(rows: Row[]): Promise<Row[]> {
    const due = rows.filter(({ status, expired }) => expired && status === MessageStatus.PENDING).map(({ seq }) => seq);
    if (due.length === 0) return rows;
    await this.cancelExpired(due);
    const settled = await this.dataSource.query<Partial<MessageRow>[]>(
      `SELECT ${SETTLED} FROM messages WHERE seq = ANY($1)`,
      [due],
    );
    const bySeq = new Map(settled.map((row) => [row.seq, row]));
    // One that retention removed in the meantime is not shown any more.
    return rows
      .filter(({ seq }) => !due.includes(seq) || bySeq.has(seq))
      .map((row) => ({ ...row, ...bySeq.get(row.seq) }));
  }

  private async cancelExpired(seqs: readonly string[]): Promise<void> {
    if (!this.handled.wants(MessageCancelled)) return void (await this.dataSource.query(CANCEL, [seqs]));
    const keeps = this.handled.keeps(MessageCancelled);
    const rows = await this.dataSource.query<{ facts: Facts<MessageCancelled> }[]>(CANCEL_AND_TELL, [seqs, keeps]);
    this.handled.tellAll(MessageCancelled, rows);
  }
}
