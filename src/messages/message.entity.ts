import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { MessageStatus } from './message-status.js';

/**
 * A message that was pushed to one recipient. This row is the inbox and the truth; events only say that it is worth a look.
 */
@Entity('messages')
@Index('messages_pending', ['tenant', 'recipient', 'seq'], { where: `(status = 'PENDING'::message_status)` })
@Index('messages_txid', ['tenant', 'recipient', 'txid', 'seq'])
@Index('messages_expiring', ['expiresAt'], {
  where: `((status = 'PENDING'::message_status) AND (expires_at IS NOT NULL))`,
})
@Index('messages_tenant', ['tenant', 'createdAt', 'seq'], { where: `(seq > 0)` })
@Index('messages_topic', ['tenant', 'topic', 'createdAt', 'seq'], { where: `(topic IS NOT NULL)` })
@Index('messages_expires_at', ['tenant', 'expiresAt'], { where: `(expires_at IS NOT NULL)` })
export class MessageEntity {
  /** Order of messages: successive pushes have rising numbers. Not shown to users, since it counts all tenants' messages. */
  @PrimaryColumn({
    type: 'bigint',
    default: () => `nextval('homing_seq'::regclass)`,
    primaryKeyConstraintName: 'messages_pkey',
  })
  seq: string;

  /** What the API and CloudEvents call the message. */
  @Column({ type: 'uuid', default: () => 'gen_random_uuid()' })
  id: string;

  @Column({ type: 'varchar', length: 64 })
  tenant: string;

  @Column({ type: 'varchar', length: 256 })
  recipient: string;

  @Column({ type: 'varchar', length: 256, nullable: true })
  topic: string | null;

  @Column({ type: 'text' })
  message: string;

  @Column({ type: 'enum', enum: MessageStatus, enumName: 'message_status', default: MessageStatus.PENDING })
  status: MessageStatus;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'delivered_at', type: 'timestamptz', nullable: true })
  deliveredAt: Date | null;

  @Column({ name: 'cancelled_at', type: 'timestamptz', nullable: true })
  cancelledAt: Date | null;

  /** The transaction that inserted the row. With it a reader asks exactly for what became visible since it last looked. */
  @Column({ type: 'bigint' })
  txid: string;
}
