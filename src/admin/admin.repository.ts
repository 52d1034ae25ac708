import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';

/** How long the database may say nothing, in milliseconds: whoever looks is told that it does not answer. */
const PATIENCE = 5_000;
/** Messages of a recipient that are shown. */
const LAST = 20;

/** A message without its text. */
export interface ShownMessage {
  readonly seq: number;
  readonly id: string;
  readonly topic: string | null;
  readonly status: 'PENDING' | 'DELIVERED' | 'CANCELLED';
  /** Bytes of its text. */
  readonly bytes: number;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly deliveredAt: Date | null;
  readonly cancelledAt: Date | null;
}

// What has expired is CANCELLED, also before the sweep came by.
const LAST_MESSAGES = new PreparedStatement<ShownMessage & { readonly seq: string }>(
  'homing_last_messages',
  `
  SELECT seq, id, topic, octet_length(message) AS bytes, created_at AS "createdAt", expires_at AS "expiresAt",
    delivered_at AS "deliveredAt",
    CASE WHEN status = 'PENDING' AND expires_at <= homing_now() THEN 'CANCELLED' ELSE status::text END AS status,
    CASE WHEN status = 'PENDING' AND expires_at <= homing_now() THEN expires_at ELSE cancelled_at END AS "cancelledAt"
  FROM messages WHERE tenant = $1 AND recipient = $2 ORDER BY txid DESC, seq DESC LIMIT ${LAST}`,
  PATIENCE,
);

/** What the admin pages read of the messages. */
@Injectable()
export class AdminRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The last messages that were pushed to a recipient, newest first. */
  async lastMessages(tenant: string, recipient: string): Promise<ShownMessage[]> {
    const { rows } = await LAST_MESSAGES.run(this.dataSource, [tenant, recipient]);
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }
}
