/** Messages on a page of an inbox at most, and bytes of text after which a page ends: what a connection holds in memory. */
export const PAGE_SIZE = 64;
const PAGE_BYTES = 65_536;

/** The columns of an item; `global` tells the two tables apart. */
const columns = (table: string, global: boolean) =>
  `${table}.seq, ${table}.id, ${table}.topic, ${table}.message, ${table}.expires_at, ${table}.created_at, ${table}.txid, ${global} AS global`;

const unexpired = (table: string) => `(${table}.expires_at IS NULL OR ${table}.expires_at > homing_now())`;

/** The rows that the statement of snapshot `until` saw, where one is given: pages of one reading must see the same. */
const seenBy = (table: string) =>
  `(r.until IS NULL OR pg_visible_in_snapshot(${table}.txid::text::xid8, r.until::pg_snapshot))`;

/** The rows that the statement of snapshot `since` did not see. Whatever it missed has at least its `xmin`, which the index finds. */
const newSince = (table: string) =>
  `${table}.txid >= r.since_xmin AND NOT pg_visible_in_snapshot(${table}.txid::text::xid8, r.since::pg_snapshot)`;

/** One row for each item, and one for each request without any. */
const statement = (requests: string, items: string) => `
  SELECT r.n, pg_current_snapshot()::text AS snapshot, homing_now() AS now, i.*
  FROM ${requests}
  LEFT JOIN LATERAL (
    SELECT page.*, count(*) OVER () AS found,
      sum(octet_length(message)) OVER (ORDER BY seq) - octet_length(message) AS bytes_before
    FROM (${items} ORDER BY seq LIMIT ${PAGE_SIZE}) page
  ) i ON i.bytes_before < ${PAGE_BYTES}
  ORDER BY r.n, i.seq`;

const FOR_TOPIC = (table: string) => `(${table}.topic IS NULL OR ${table}.topic = r.topic)`;

const HAS_RECORD = `EXISTS (SELECT FROM messages d WHERE d.global_message_id = g.id AND d.recipient = r.recipient)`;

/** What is PENDING; and what came since the connection opened, even if another connection has proven it in the meantime. */
export const BACKLOG = statement(
  `unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], $6::text[], $7::bigint[], $8::text[])
    WITH ORDINALITY AS r(tenant, recipient, after, until, globals, since, since_xmin, topic, n)`,
  `(SELECT ${columns('m', false)} FROM messages m
     WHERE m.tenant = r.tenant AND m.recipient = r.recipient AND m.status = 'PENDING' AND m.seq > r.after
       AND ${FOR_TOPIC('m')} AND ${unexpired('m')} AND ${seenBy('m')}
     ORDER BY m.seq LIMIT ${PAGE_SIZE})
   UNION ALL
   (SELECT ${columns('m', false)} FROM messages m
     WHERE m.tenant = r.tenant AND m.recipient = r.recipient AND ${newSince('m')} AND m.seq > r.after
       AND m.status = 'DELIVERED' AND m.global_message_id IS NULL
       AND ${FOR_TOPIC('m')} AND ${unexpired('m')} AND ${seenBy('m')}
     ORDER BY m.seq LIMIT ${PAGE_SIZE})
   UNION ALL
   (SELECT ${columns('g', true)} FROM global_messages g
     WHERE r.globals AND g.tenant = r.tenant AND g.deliver_until > homing_now() AND g.seq > r.after
       AND ${FOR_TOPIC('g')} AND ${seenBy('g')} AND NOT ${HAS_RECORD}
     ORDER BY g.seq LIMIT ${PAGE_SIZE})
   UNION ALL
   (SELECT ${columns('g', true)} FROM global_messages g
     WHERE r.globals AND g.tenant = r.tenant AND ${newSince('g')} AND g.seq > r.after
       AND ${FOR_TOPIC('g')} AND ${unexpired('g')} AND ${seenBy('g')} AND (g.deliver_until <= homing_now() OR ${HAS_RECORD})
     ORDER BY g.seq LIMIT ${PAGE_SIZE})`,
);

export const NEWS = statement(
  `unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::boolean[], $6::text[], $7::bigint[])
    WITH ORDINALITY AS r(tenant, recipient, after, until, globals, since, since_xmin, n)`,
  `(SELECT ${columns('m', false)} FROM messages m
     WHERE m.tenant = r.tenant AND m.recipient = r.recipient AND ${newSince('m')} AND m.seq > r.after
       AND m.global_message_id IS NULL AND m.status <> 'CANCELLED' AND ${unexpired('m')} AND ${seenBy('m')}
     ORDER BY m.seq LIMIT ${PAGE_SIZE})
   UNION ALL
   (SELECT ${columns('g', true)} FROM global_messages g
     WHERE r.globals AND g.tenant = r.tenant AND ${newSince('g')} AND g.seq > r.after
       AND ${unexpired('g')} AND ${seenBy('g')}
     ORDER BY g.seq LIMIT ${PAGE_SIZE})`,
);

export const GLOBAL_NEWS = statement(
  `(VALUES (1, $1::text, $2::text, $3::bigint, $4::bigint, $5::text)) AS r(n, tenant, since, since_xmin, after, until)`,
  `SELECT ${columns('g', true)} FROM global_messages g
     WHERE g.tenant = r.tenant AND ${newSince('g')} AND g.seq > r.after AND ${unexpired('g')} AND ${seenBy('g')}`,
);
