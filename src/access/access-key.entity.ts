import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** An access key as it is stored: never the key itself, only the hash of its secret part. */
@Entity('access_keys')
@Unique('access_keys_prefix_key', ['prefix'])
export class AccessKey {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'access_keys_pkey' })
  id: string;

  /** The public part by which the key is found, and by which people tell keys apart. */
  @Column({ type: 'varchar', length: 16 })
  prefix: string;

  /** SHA-256 of the secret part, in hexadecimal. The secret has 192 random bits, so nothing slower is needed. */
  @Column({ type: 'varchar', length: 64 })
  hash: string;

  @Column({ type: 'varchar', length: 64 })
  tenant: string;

  @Column({ type: 'varchar', length: 100 })
  name: string;

  @Column({ type: 'text', array: true })
  scopes: string[];

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Date | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt: Date | null;

  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt: Date | null;
}
