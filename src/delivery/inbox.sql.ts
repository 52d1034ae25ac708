import { hidden, PreparedStatement } from '../database/prepared-statement.js';

/** Messages on a page of an inbox at most, and bytes of text after which a page ends: what a connection holds in memory. */
export const PAGE_SIZE = 64;
const PAGE_BYTES = 65_536;
/** Bytes of text after which a statement gives no more, for however many connections it reads: what a node holds in memory. */
const STATEMENT_BYTES = 1_048_576;

/** A row of an inbox statement: an item of request `n`, or, with `seq` null, that the request found nothing. */
export interface InboxRow {
  readonly n: string;
  readonly snapshot: string;
  /** The mark of the database's life. */
  readonly life: string | null;
  readonly now: Date;
  readonly seq: string | null;
  readonly id: string;
  readonly topic: string | null;
  readonly message: string;
  readonly expires_at: Date | null;
  readonly created_at: Date;
  readonly txid: string;
  readonly global: boolean;
  readonly found: string | null;
}

/** The columns of an item; `global` tells the two tables apart. */
const columns = (table: string, global: boolean) =>
  `${table}.seq, ${table}.id, ${table}.topic, ${table}.message, ${table}.expires_at, ${table}.created_at, ${table}.txid, ${global} AS global`;

const unexpired = (table: string) => `(${table}.expires_at IS NULL OR ${table}.expires_at > homing_now())`;

/** The rows that the statement of snapshot `until` saw, where one is given: pages of one reading must see the same. */
const seenBy = (table: string) =>
  `(r.until IS NULL OR pg_visible_in_snapshot(${table}.txid::text::xid8, r.until::pg_snapshot))`;

/**
 * The rows that the statement of snapshot `since` did not see. Whatever it missed has at least its `xmin`, which the index
 * finds: a few rows, however many are stored. `seq + 0` keeps the planner from walking another index in the order of `seq`,
 * past all that came before.
 */
const missedBySince = (table: string) =>
  `${table}.txid >= r.since_xmin AND NOT pg_visible_in_snapshot(${table}.txid::text::xid8, r.since::pg_snapshot)`;
const newSince = (table: string) =>
  `${missedBySince(table)}
       AND ${table}.seq + 0 > r.after AND ${seenBy(table)}`;
const oldestNews = (table: string) => `ORDER BY ${table}.seq + 0 LIMIT ${PAGE_SIZE}`;

/** One row for each item, one for each request without any, and none for a request that is beyond `STATEMENT_BYTES`. */
const statement = (name: string, from: string, items: string) =>
  new PreparedStatement<InboxRow>(
    name,
    `
  SELECT pg_current_snapshot()::text AS snapshot, (SELECT id FROM homing_life) AS life, homing_now() AS now, read.*
  FROM (
    SELECT r.n, i.*, sum(octet_length(i.message)) OVER (ORDER BY r.n, i.seq) - octet_length(i.message) AS bytes_before_all
    FROM ${from}
    LEFT JOIN LATERAL (
      SELECT page.*, count(*) OVER () AS found,
        sum(octet_length(message)) OVER (ORDER BY seq) - octet_length(message) AS bytes_before
      FROM (SELECT * FROM (${items}) found ORDER BY seq LIMIT ${PAGE_SIZE}) page
    ) i ON i.bytes_before < ${PAGE_BYTES}
  ) read
  WHERE bytes_before_all IS NULL OR bytes_before_all < ${STATEMENT_BYTES}
  ORDER BY n, seq`,
  );

const COMMON_TYPES = ['text[]', 'text[]', 'bigint[]', 'text[]', 'boolean[]', 'text[]', 'bigint[]'];

/** The requests, numbered. However many they are, each is looked for in the same way. */
const requests = (names: string, types: readonly string[]) =>
  `unnest(${types.map((type, i) => hidden(i + 1, type)).join(', ')}) WITH ORDINALITY AS r(${names}, n)`;

const FOR_TOPIC = (table: string) => `(${table}.topic IS NULL OR ${table}.topic = r.topic)`;

const HAS_RECORD = `EXISTS (SELECT FROM global_deliveries d WHERE d.global_seq = g.seq AND d.recipient = r.recipient)`;

/** What is PENDING under a topic, or under none (''). A topic is never empty. */
const pending = (topic: string) => `
   (SELECT ${columns('m', false)} FROM messages m
     WHERE m.tenant = r.tenant AND m.recipient = r.recipient AND m.status = 'PENDING' AND coalesce(m.topic, '') = ${topic}
       AND m.seq + 0 > r.after AND ${unexpired('m')} AND ${seenBy('m')}
     ORDER BY m.seq + 0 LIMIT ${PAGE_SIZE})`;

/** The end of a global message's time counts from when the connection opened, however long its backlog takes. */
const OPENED_AT = 'coalesce(r.opened_at, homing_now())';

/** What is PENDING; and what came since the connection opened, even if another connection has proven it in the meantime. */
export const BACKLOG = statement(
  'homing_backlog',
  requests('tenant, recipient, after, until, globals, since, since_xmin, topic, opened_at', [
    ...COMMON_TYPES,
    'text[]',
    'timestamptz[]',
  ]),
  `${pending("''")}
   UNION ALL
   ${pending('r.topic')}
   UNION ALL
   (SELECT ${columns('m', false)} FROM messages m
     WHERE m.tenant = r.tenant AND m.recipient = r.recipient AND ${newSince('m')}
       AND m.status = 'DELIVERED'
       AND ${FOR_TOPIC('m')} AND ${unexpired('m')}
     ${oldestNews('m')})
   UNION ALL
   (SELECT ${columns('g', true)} FROM global_messages g
     WHERE r.globals AND g.tenant = r.tenant AND g.deliver_until > ${OPENED_AT} AND ${unexpired('g')} AND g.seq + 0 > r.after
       AND ${FOR_TOPIC('g')} AND ${seenBy('g')} AND NOT ${HAS_RECORD}
     ORDER BY g.seq + 0 LIMIT ${PAGE_SIZE})
   UNION ALL
   (SELECT ${columns('g', true)} FROM global_messages g
     WHERE r.globals AND g.tenant = r.tenant AND ${newSince('g')}
       AND ${FOR_TOPIC('g')} AND ${unexpired('g')} AND (g.deliver_until <= ${OPENED_AT} OR ${HAS_RECORD})
     ${oldestNews('g')})`,
);

export const NEWS = statement(
  'homing_news',
  requests('tenant, recipient, after, until, globals, since, since_xmin', COMMON_TYPES),
  `(SELECT ${columns('m', false)} FROM messages m
     WHERE m.tenant = r.tenant AND m.recipient = r.recipient AND ${newSince('m')}
       AND m.status <> 'CANCELLED' AND ${unexpired('m')}
     ${oldestNews('m')})
   UNION ALL
   (SELECT ${columns('g', true)} FROM global_messages g
     WHERE r.globals AND g.tenant = r.tenant AND ${newSince('g')} AND ${unexpired('g')}
     ${oldestNews('g')})`,
);

export const GLOBAL_NEWS = statement(
  'homing_global_news',
  `(VALUES (1, $1::text, $2::text, $3::bigint, $4::bigint, $5::text)) AS r(n, tenant, since, since_xmin, after, until)`,
  `SELECT ${columns('g', true)} FROM global_messages g
     WHERE g.tenant = r.tenant AND ${newSince('g')} AND ${unexpired('g')}`,
);

/** What the statement `LOOK` found: the numbers of the requests for which something is PENDING, and of those that have news. */
export interface LookRow {
  readonly life: string | null;
  readonly now: Date;
  readonly pending: readonly number[];
  readonly news: readonly number[];
}

/**
 * Whether there is anything at all in inboxes that are thought to be empty: a step in each of two indexes, where a reading would
 * take many. The limits keep the planner from reading the table instead.
 */
export const LOOK = new PreparedStatement<LookRow>(
  'homing_look',
  `
  SELECT (SELECT id FROM homing_life) AS life, homing_now() AS now,
    coalesce(array_agg(r.n::int) FILTER (WHERE p.found), '{}') AS pending,
    coalesce(array_agg(r.n::int) FILTER (WHERE w.found), '{}') AS news
  FROM ${requests('tenant, recipient, topic, since, since_xmin', ['text[]', 'text[]', 'text[]', 'text[]', 'bigint[]'])}
  LEFT JOIN LATERAL (
    SELECT true AS found FROM messages m
    WHERE m.tenant = r.tenant AND m.recipient = r.recipient AND m.status = 'PENDING'
      AND coalesce(m.topic, '') = ANY (ARRAY['', r.topic]) AND ${unexpired('m')}
    LIMIT 1) p ON true
  LEFT JOIN LATERAL (
    SELECT true AS found FROM messages m
    WHERE m.tenant = r.tenant AND m.recipient = r.recipient AND ${missedBySince('m')}
      AND m.status <> 'CANCELLED' AND ${unexpired('m')}
    LIMIT 1) w ON true`,
);

/** What can be seen at this moment. */
export const SNAPSHOT = new PreparedStatement<{ readonly snapshot: string; readonly now: Date }>(
  'homing_snapshot',
  'SELECT pg_current_snapshot()::text AS snapshot, homing_now() AS now',
);
