import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { TEXTS } from '../graphql/selection.js';
import { FilteredQuery } from '../paging/filtered-query.js';
import type { PageBounds, Rows } from '../paging/pager.js';
import type { Message } from './dto/message.js';
import type { MessagesFilter } from './dto/messages-query.js';
import { MessageStatus } from './message-status.js';
import { nameUuid } from '../events/name-uuid.js';

/** A delivery as it is listed, with what it shares with the others of its message. */
type DeliveryRow = Omit<Message, 'id' | 'status' | 'cancelledAt'> & { readonly globalMessageId: string };

const COLUMNS = `
  d.recipient, d.delivered_at AS "deliveredAt", g.topic, g.expires_at AS "expiresAt", g.created_at AS "createdAt",
  g.id AS "globalMessageId"`;
const FROM = 'global_deliveries d JOIN global_messages g ON g.seq = d.global_seq';

/** Lists whom a global message has reached. */
@Injectable()
export class GlobalDeliveriesRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** A page of the deliveries of a tenant's global message, newest first; an empty one when it is not what the filter says. */
  async list(
    tenant: string,
    globalMessageId: string,
    filter: MessagesFilter,
    bounds: PageBounds,
  ): Promise<Rows<Message>> {
    const globalSeq = await this.find(tenant, globalMessageId, filter);
    if (globalSeq === null) return { rows: [], more: false };
    const text = bounds.texts.message > 0 ? 'g.message' : "''";
    const { rows, more } = await new FilteredQuery()
      .where('d.global_seq', '=', globalSeq)
      .where('d.recipient', '=', filter.recipient)
      .page<DeliveryRow>(
        this.dataSource,
        { columns: `${COLUMNS}, ${text} AS message`, from: FROM, order: ['d.seq'], texts: TEXTS },
        bounds,
      );
    return { rows: rows.map(toMessage), more };
  }

  /** What can be asked of the deliveries' topic and times is asked of the message itself, once. */
  private async find(tenant: string, id: string, filter: MessagesFilter): Promise<string | null> {
    const [message] = await new FilteredQuery()
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('topic', '=', filter.topic)
      .within('created_at', filter.createdAt)
      .within('expires_at', filter.expiresAt)
      .all<{ seq: string }>(this.dataSource, 'SELECT seq FROM global_messages');
    return message?.seq ?? null;
  }
}

/** Its id is not stored: it follows from what tells it from others. */
function toMessage<Row extends DeliveryRow>(row: Row): Message & Row {
  return {
    ...row,
    id: nameUuid(row.globalMessageId, row.recipient),
    status: MessageStatus.DELIVERED,
    cancelledAt: null,
  };
}
