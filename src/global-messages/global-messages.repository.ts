import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { GlobalMessagePushed } from '../events/global-message-pushed.event.js';
import { HandledEvents } from '../events/handled-events.js';
import { expiredInput } from '../graphql/input-limits.js';
import { FilteredQuery, isGiven } from '../paging/filtered-query.js';
import type { PageBounds, Rows } from '../paging/pager.js';
import type { GlobalMessage, GlobalMessagesFilter } from './dto/global-message.js';

/** What a push stores. */
export interface NewGlobalMessage {
  readonly tenant: string;
  readonly message: string;
  readonly topic: string | null;
  readonly expiresAt: Date | null;
  /** The request that pushes it. */
  readonly requestId?: string | undefined;
}

const COLUMNS = 'id, topic, expires_at AS "expiresAt", created_at AS "createdAt"';

// Without an expiry, who reconnects within a minute still gets it.
const INSERT = `
  INSERT INTO global_messages (tenant, topic, message, expires_at, created_at, deliver_until, txid)
  SELECT $1, $2, $3, $4::timestamptz, homing_now(), coalesce($4::timestamptz, homing_now() + interval '60 seconds'), pg_current_xact_id()::text::bigint
  WHERE $4::timestamptz IS NULL OR $4::timestamptz > homing_now()
  RETURNING ${COLUMNS}, message, txid`;

/** The same, where durable handlers want to know of it. */
const INSERT_AND_KEEP = `
  WITH stored AS (${INSERT}),
  kept AS (
    INSERT INTO homing_outbox (event, data)
    SELECT '${GlobalMessagePushed.name}', jsonb_build_object('tenant', $1, 'id', id, 'topic', topic, 'expiresAt', "expiresAt",
      'createdAt', "createdAt", 'requestId', $5::text, 'txid', txid)
    FROM stored)
  SELECT * FROM stored`;

/** Stores and lists global messages. */
@Injectable()
export class GlobalMessagesRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly handled: HandledEvents,
  ) {}

  /**
   * Stores a global message. It is durable when this returns.
   * @throws BadUserInputError when it has expired by the time that it would be stored; then nothing is
   */
  async insert({
    tenant,
    topic,
    message,
    expiresAt,
    requestId,
  }: NewGlobalMessage): Promise<GlobalMessage & { readonly txid: string }> {
    const keeps = this.handled.keeps(GlobalMessagePushed);
    const values: unknown[] = [tenant, topic, message, expiresAt?.toISOString() ?? null];
    if (keeps) values.push(requestId ?? null);
    const [row] = await this.dataSource.query<(GlobalMessage & { txid: string })[]>(
      keeps ? INSERT_AND_KEEP : INSERT,
      values,
    );
    if (keeps) this.handled.tellKept();
    if (!row) throw expiredInput();
    return row;
  }

  /** A page of a tenant's global messages. */
  list(tenant: string, filter: GlobalMessagesFilter, bounds: PageBounds): Promise<Rows<GlobalMessage>> {
    const query = new FilteredQuery()
      .where('tenant', '=', tenant)
      .where('topic', '=', filter.topic)
      .within('created_at', filter.createdAt)
      .within('expires_at', filter.expiresAt);
    if (!isGiven(filter.topic)) query.throughAll();
    const text = bounds.texts.message > 0 ? 'message' : "'' AS message";
    return query.page(
      this.dataSource,
      {
        columns: `${COLUMNS}, ${text}`,
        from: 'global_messages',
        order: ['created_at', 'seq'],
        texts: ['message', 'topic'],
      },
      bounds,
    );
  }
}
