import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** A message to every recipient of a tenant. Pushing it writes this one row, whatever the number of recipients. */
@Entity('global_messages')
@Unique('global_messages_id_key', ['id'])
@Index('global_messages_deliver_until', ['tenant', 'deliverUntil'])
@Index('global_messages_txid', ['tenant', 'txid'])
@Index('global_messages_tenant', ['tenant', 'createdAt', 'seq'], { where: `(seq > 0)` })
@Index('global_messages_topic', ['tenant', 'topic', 'createdAt', 'seq'], { where: `(topic IS NOT NULL)` })
@Index('global_messages_expires_at', ['tenant', 'expiresAt'], { where: `(expires_at IS NOT NULL)` })
export class GlobalMessageEntity {
  /** Order of messages, from the same sequence as that of `messages`. */
  @PrimaryColumn({
    type: 'bigint',
    default: () => `nextval('homing_seq'::regclass)`,
    primaryKeyConstraintName: 'global_messages_pkey',
  })
  seq: string;

  @Column({ type: 'uuid', default: () => 'gen_random_uuid()' })
  id: string;

  @Column({ type: 'varchar', length: 64 })
  tenant: string;

  @Column({ type: 'varchar', length: 256, nullable: true })
  topic: string | null;

  @Column({ type: 'text' })
  message: string;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** Until when a recipient that connects still gets it: its expiry, or a minute after the push. */
  @Column({ name: 'deliver_until', type: 'timestamptz' })
  deliverUntil: Date;

  @Column({ type: 'bigint' })
  txid: string;
}
