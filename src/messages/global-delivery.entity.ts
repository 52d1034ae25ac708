import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * The record that a recipient has a global message: written when it proves it, so always DELIVERED. Shown as a message whose
 * text, topic and times are those of the global one.
 */
@Entity('global_deliveries')
@Index('global_deliveries_seq', ['globalSeq', 'seq'])
export class GlobalDeliveryEntity {
  /** The global message: its place in the order of messages, since that is shorter than its id and rises. */
  @PrimaryColumn({ name: 'global_seq', type: 'bigint', primaryKeyConstraintName: 'global_deliveries_pkey' })
  globalSeq: string;

  @PrimaryColumn({
    type: 'varchar',
    length: 256,
    collation: 'C',
    primaryKeyConstraintName: 'global_deliveries_pkey',
  })
  recipient: string;

  /** Order of pages, from the same sequence as that of `messages`. */
  @Column({ type: 'bigint', default: () => `nextval('homing_seq'::regclass)` })
  seq: string;

  @Column({ name: 'delivered_at', type: 'timestamptz' })
  deliveredAt: Date;
}
