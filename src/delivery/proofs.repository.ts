import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';
import type { GlobalProof, Proof } from '../events/delivery-confirmed.event.js';

// The condition decides: what was proven or cancelled before stays as it is, and so a proof may come twice, late or out
// of order; the first of several counts. A proof that arrives after the expiry changes nothing.
const RECORD = new PreparedStatement(
  'homing_record',
  `
  UPDATE messages m SET status = 'DELIVERED', delivered_at = greatest(m.created_at, least(p.proven_at, homing_now()))
  FROM (SELECT seq, min(proven_at) AS proven_at FROM unnest($1::bigint[], $2::timestamptz[]) AS p(seq, proven_at) GROUP BY seq) p
  WHERE m.seq = p.seq AND m.status = 'PENDING' AND (m.expires_at IS NULL OR m.expires_at > homing_now())`,
);

// The unique key on (global message, recipient) decides.
const RECORD_GLOBAL = new PreparedStatement(
  'homing_record_global',
  `
  INSERT INTO messages (tenant, recipient, topic, status, expires_at, created_at, delivered_at, global_message_id, txid)
  SELECT g.tenant, p.recipient, g.topic, 'DELIVERED', g.expires_at, g.created_at,
    greatest(g.created_at, least(p.proven_at, homing_now())), g.id, pg_current_xact_id()::text::bigint
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS p(id, tenant, recipient, proven_at)
  JOIN global_messages g ON g.id = p.id AND g.tenant = p.tenant
  WHERE g.expires_at IS NULL OR g.expires_at > homing_now()
  ORDER BY g.id, p.recipient
  ON CONFLICT (global_message_id, recipient) WHERE global_message_id IS NOT NULL DO NOTHING`,
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
  async recordGlobal(proofs: readonly GlobalProof[]): Promise<void> {
    for (let i = 0; i < proofs.length; i += BATCH) {
      const batch = proofs.slice(i, i + BATCH);
      await RECORD_GLOBAL.run(this.dataSource, [
        batch.map(({ globalMessageId }) => globalMessageId),
        batch.map(({ tenant }) => tenant),
        batch.map(({ recipient }) => recipient),
        batch.map(({ provenAt }) => new Date(provenAt).toISOString()),
      ]);
    }
  }
}
