import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';
import type { GlobalProofs, Proof } from '../events/delivery-confirmed.event.js';

// The condition decides: what was proven or cancelled before stays as it is, and so a proof may come twice, late or out
// of order; the first of several counts. A proof that arrives after the expiry changes nothing.
const RECORD = new PreparedStatement(
  'homing_record',
  `
  UPDATE messages m SET status = 'DELIVERED', delivered_at = greatest(m.created_at, least(p.proven_at, homing_now()))
  FROM (SELECT seq, min(proven_at) AS proven_at FROM unnest($1::bigint[], $2::timestamptz[]) AS p(seq, proven_at) GROUP BY seq) p
  WHERE m.seq = p.seq AND m.status = 'PENDING' AND (m.expires_at IS NULL OR m.expires_at > homing_now())`,
);

// The primary key decides. Rows are written in the same order by everybody, so that two batches that share some don't wait for each
// other.
const RECORD_GLOBAL = new PreparedStatement(
  'homing_record_global',
  `
  INSERT INTO global_deliveries (global_seq, recipient, delivered_at)
  SELECT g.seq, p.recipient, greatest(g.created_at, least(to_timestamp(p.proven_at / 1000), g.now))
  FROM (SELECT seq, created_at, expires_at, homing_now() AS now FROM global_messages WHERE seq = $1 OFFSET 0) g,
    unnest($2::text[], $3::float8[]) AS p(recipient, proven_at)
  WHERE g.expires_at IS NULL OR g.expires_at > g.now
  ORDER BY p.recipient COLLATE "C", p.proven_at
  ON CONFLICT DO NOTHING`,
);

const BATCH = 5_000;

/** Records what recipients proved. */
@Injectable()
export class ProofsRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Marks messages DELIVERED, as far as they are still PENDING and have not expired. */
  async record(proofs: readonly Proof[]): Promise<void> {
    // Rows are locked in the order of their ids, so that two batches that share some don't wait for each other.
    const sorted = [...proofs].sort((a, b) => a.seq - b.seq);
    for (let i = 0; i < sorted.length; i += BATCH) {
      const batch = sorted.slice(i, i + BATCH);
      await RECORD.run(this.dataSource, [
        batch.map(({ seq }) => seq),
        batch.map(({ provenAt }) => new Date(provenAt).toISOString()),
      ]);
    }
  }

  /** Writes the row of each recipient that a global message reached, once. */
  async recordGlobal(proofs: readonly GlobalProofs[]): Promise<void> {
    const seqs = [...new Set(proofs.map(({ seq }) => seq))].sort((a, b) => a - b);
    for (const seq of seqs) {
      const ofMessage = proofs.filter((one) => one.seq === seq);
      const recipients = ofMessage.flatMap((one) => one.recipients);
      const provenAt = ofMessage.flatMap((one) => one.provenAt);
      for (let i = 0; i < recipients.length; i += BATCH)
        await RECORD_GLOBAL.run(this.dataSource, [seq, recipients.slice(i, i + BATCH), provenAt.slice(i, i + BATCH)]);
    }
  }
}
