import { PreparedStatement } from '../database/prepared-statement.js';
import { MessagesPushed } from '../events/messages-pushed.event.js';

/** When, and by which transaction, messages were stored. */
export interface Stored {
  readonly createdAt: Date;
  readonly txid: string;
}

// A text stands once among the parameters, whatever the number of its recipients.
const storing = (kept = '') => `
  WITH clock AS MATERIALIZED (SELECT homing_now() AS now),
  stored AS (
    INSERT INTO messages (id, tenant, recipient, topic, message, expires_at, created_at, txid)
    SELECT r.id, p.tenant, r.recipient, p.topic, p.message, p.expires_at, clock.now, pg_current_xact_id()::text::bigint
    FROM clock CROSS JOIN unnest($1::int[], $2::uuid[], $3::text[]) AS r(push, id, recipient)
    JOIN unnest($4::text[], $5::text[], $6::text[], $7::timestamptz[]) WITH ORDINALITY
      AS p(tenant, topic, message, expires_at, push) ON p.push = r.push
    WHERE p.expires_at IS NULL OR p.expires_at > clock.now)${kept}
  SELECT now AS "createdAt", pg_current_xact_id()::text AS txid FROM clock`;

export const INSERT = new PreparedStatement<Stored>('homing_store', storing());

/** The same, where durable handlers want to know of each push. */
export const INSERT_AND_KEEP = new PreparedStatement<Stored>(
  'homing_store_and_keep',
  storing(`,
  kept AS (
    INSERT INTO homing_outbox (event, data)
    SELECT '${MessagesPushed.name}', jsonb_build_object('tenant', p.tenant, 'ids', r.ids, 'recipients', r.recipients,
      'topic', p.topic, 'expiresAt', p.expires_at, 'createdAt', clock.now, 'requestId', p.request_id,
      'txid', pg_current_xact_id()::text::bigint)
    FROM clock CROSS JOIN (
      SELECT push, jsonb_agg(id ORDER BY place) AS ids, jsonb_agg(recipient ORDER BY place) AS recipients
      FROM unnest($1::int[], $2::uuid[], $3::text[]) WITH ORDINALITY AS r(push, id, recipient, place) GROUP BY push) r
    JOIN unnest($4::text[], $5::text[], $7::timestamptz[], $8::text[]) WITH ORDINALITY
      AS p(tenant, topic, expires_at, request_id, push) ON p.push = r.push
    WHERE p.expires_at IS NULL OR p.expires_at > clock.now)`),
);
