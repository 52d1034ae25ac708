import { PreparedStatement } from '../database/prepared-statement.js';
import { MessageDelivered } from '../events/message-delivered.event.js';
import { telling } from '../events/outbox.sql.js';
import { DELIVERY_BOUNDS } from '../metrics/metrics.js';

/** Deliveries of which each took about as long, and how long they took together, in seconds. */
export interface Deliveries {
  readonly bucket: number;
  readonly count: number;
  readonly sum: number;
}

/** A delivery, as handlers are told of it. */
export interface Told {
  readonly facts: ConstructorParameters<typeof MessageDelivered>[0];
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
const recording = (returned: string) => `
  UPDATE messages m SET status = 'DELIVERED', delivered_at = greatest(m.created_at, least(p.proven_at, homing_now()))
  FROM (SELECT seq, min(proven_at) AS proven_at FROM unnest($1::bigint[], $2::timestamptz[]) AS p(seq, proven_at) GROUP BY seq) p
  WHERE m.seq = p.seq AND m.status = 'PENDING' AND (m.expires_at IS NULL OR m.expires_at > homing_now())
  RETURNING ${returned}`;

export const RECORD = new PreparedStatement<Deliveries>(
  'homing_record',
  counted(recording('m.delivered_at - m.created_at AS took')),
);

/** The same, where handlers want to know of each. */
export const RECORD_AND_TELL = new PreparedStatement<Told>(
  'homing_record_and_tell',
  telling(
    recording('m.tenant, m.id, m.recipient, m.topic, m.created_at, m.delivered_at'),
    MessageDelivered.name,
    `'tenant', c.tenant, 'id', c.id, 'recipient', c.recipient, 'topic', c.topic,
    'createdAt', c.created_at, 'deliveredAt', c.delivered_at, 'globalMessageId', NULL`,
    '$3::boolean',
  ),
);

// The primary key decides. Rows are written in the same order by everybody, so that two batches that share some don't wait for each
// other.
const recordingGlobal = (returned: string) => `
  INSERT INTO global_deliveries (global_seq, recipient, delivered_at)
  SELECT g.seq, p.recipient, greatest(g.created_at, least(to_timestamp(p.proven_at / 1000), g.now))
  FROM (SELECT seq, created_at, expires_at, homing_now() AS now FROM global_messages WHERE seq = $1 OFFSET 0) g,
    unnest($2::text[], $3::float8[]) AS p(recipient, proven_at)
  WHERE g.expires_at IS NULL OR g.expires_at > g.now
  ORDER BY p.recipient COLLATE "C", p.proven_at
  ON CONFLICT DO NOTHING
  RETURNING ${returned}`;

export const RECORD_GLOBAL = new PreparedStatement<Deliveries>(
  'homing_record_global',
  counted(recordingGlobal('delivered_at - (SELECT created_at FROM global_messages WHERE seq = $1) AS took')),
);

/** The same, where handlers want to know of each. A delivery has no id in the database: it follows from the rest. */
export const RECORD_GLOBAL_AND_TELL = new PreparedStatement<Told>(
  'homing_record_global_and_tell',
  telling(
    recordingGlobal('recipient, delivered_at'),
    MessageDelivered.name,
    `'tenant', g.tenant, 'id', NULL, 'recipient', c.recipient, 'topic', g.topic,
    'createdAt', g.created_at, 'deliveredAt', c.delivered_at, 'globalMessageId', g.id`,
    '$4::boolean',
    ' JOIN global_messages g ON g.seq = $1',
  ),
);
