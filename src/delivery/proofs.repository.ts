import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';
import type { GlobalProofs, Proof } from '../events/delivery-confirmed.event.js';
import type { Histogram } from '../metrics/histogram.js';
import { DELIVERY_BOUNDS, Metrics } from '../metrics/metrics.js';

/** Deliveries of which each took about as long, and how long they took together, in seconds. */
interface Deliveries {
  readonly bucket: number;
  readonly count: number;
  readonly sum: number;
}

/** Times are whole milliseconds, and one that is just at a bound is below it. */
const BOUNDS = DELIVERY_BOUNDS.map((bound) => bound + 0.0005);

/** Tells of the rows that a statement writes how long they took, as numbers of a histogram: a few rows, however many are written. */
const counted = (statement: string) => `
  WITH written AS (${statement}),
  timed AS (SELECT extract(epoch FROM took)::float8 AS took FROM written)
  SELECT width_bucket(took, '{${BOUNDS.join()}}'::float8[]) AS bucket, count(*)::int AS count, sum(took) AS sum
  FROM timed GROUP BY 1`;

// The condition decides: what was proven or cancelled before stays as it is, and so a proof may come twice, late or out
// of order; the first of several counts. A proof that arrives after the expiry changes nothing.
const RECORD = new PreparedStatement<Deliveries>(
  'homing_record',
  counted(
    `
  UPDATE messages m SET status = 'DELIVERED', delivered_at = greatest(m.created_at, least(p.proven_at, homing_now()))
  FROM (SELECT seq, min(proven_at) AS proven_at FROM unnest($1::bigint[], $2::timestamptz[]) AS p(seq, proven_at) GROUP BY seq) p
  WHERE m.seq = p.seq AND m.status = 'PENDING' AND (m.expires_at IS NULL OR m.expires_at > homing_now())
  RETURNING m.delivered_at - m.created_at AS took`,
  ),
);

// The primary key decides. Rows are written in the same order by everybody, so that two batches that share some don't wait for each
// other.
const RECORD_GLOBAL = new PreparedStatement<Deliveries>(
  'homing_record_global',
  counted(
    `
  INSERT INTO global_deliveries (global_seq, recipient, delivered_at)
  SELECT g.seq, p.recipient, greatest(g.created_at, least(to_timestamp(p.proven_at / 1000), g.now))
  FROM (SELECT seq, created_at, expires_at, homing_now() AS now FROM global_messages WHERE seq = $1 OFFSET 0) g,
    unnest($2::text[], $3::float8[]) AS p(recipient, proven_at)
  WHERE g.expires_at IS NULL OR g.expires_at > g.now
  ORDER BY p.recipient COLLATE "C", p.proven_at
  ON CONFLICT DO NOTHING
  RETURNING delivered_at - (SELECT created_at FROM global_messages WHERE seq = $1) AS took`,
  ),
);

const BATCH = 5_000;

/** Records what recipients proved. */
@Injectable()
export class ProofsRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly metrics: Metrics,
  ) {}

  /** Marks messages DELIVERED, as far as they are still PENDING and have not expired. */
  async record(proofs: readonly Proof[]): Promise<void> {
    // Rows are locked in the order of their ids, so that two batches that share some don't wait for each other.
    const sorted = [...proofs].sort((a, b) => a.seq - b.seq);
    for (let i = 0; i < sorted.length; i += BATCH) {
      const batch = sorted.slice(i, i + BATCH);
      const { rows } = await RECORD.run(this.dataSource, [
        batch.map(({ seq }) => seq),
        batch.map(({ provenAt }) => new Date(provenAt).toISOString()),
      ]);
      addAll(rows, this.metrics.pushToProof.recipient);
    }
  }

  /** Writes the row of each recipient that a global message reached, once. */
  async recordGlobal(proofs: readonly GlobalProofs[]): Promise<void> {
    const seqs = [...new Set(proofs.map(({ seq }) => seq))].sort((a, b) => a - b);
    for (const seq of seqs) {
      const ofMessage = proofs.filter((one) => one.seq === seq);
      const recipients = ofMessage.flatMap((one) => one.recipients);
      const provenAt = ofMessage.flatMap((one) => one.provenAt);
      for (let i = 0; i < recipients.length; i += BATCH) {
        const values = [seq, recipients.slice(i, i + BATCH), provenAt.slice(i, i + BATCH)];
        const { rows } = await RECORD_GLOBAL.run(this.dataSource, values);
        addAll(rows, this.metrics.pushToProof.global);
      }
    }
  }
}

function addAll(deliveries: readonly Deliveries[], histogram: Histogram): void {
  for (const { bucket, count, sum } of deliveries) histogram.add(bucket, count, sum);
}
