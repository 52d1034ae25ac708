import { hidden, PreparedStatement } from '../database/prepared-statement.js';

/**
 * The nodes that have joined the audiences `$1`, `$2`, save the node `$3`. An audience is named by its place, counted from one.
 */
export const PRESENT = new PreparedStatement<{ readonly place: string; readonly node: string }>(
  'homing_present',
  `SELECT a.place, p.node
   FROM unnest(${hidden(1, 'text[]')}, ${hidden(2, 'text[]')}) WITH ORDINALITY AS a(tenant, recipient, place)
   JOIN presences p ON p.tenant = a.tenant AND p.recipient = a.recipient
   WHERE p.node <> $3`,
);

/** The node `$1` joins the audiences `$2`, `$3` and leaves `$4`, `$5`. */
export const MOVE = new PreparedStatement(
  'homing_move',
  `WITH leaving AS (
     DELETE FROM presences p USING unnest($4::text[], $5::text[]) AS a(tenant, recipient)
     WHERE p.tenant = a.tenant AND p.recipient = a.recipient AND p.node = $1)
   INSERT INTO presences (tenant, recipient, node)
   SELECT a.tenant, a.recipient, $1 FROM unnest($2::text[], $3::text[]) AS a(tenant, recipient)
   ON CONFLICT DO NOTHING`,
);

/** Notes that the node `$1` lives. */
export const ENTER = `
  INSERT INTO nodes (node, seen_at) VALUES ($1, now()) ON CONFLICT (node) DO UPDATE SET seen_at = now()`;

/** The same, where it is known; gives whether it is. Tells the time by no clock that could be set in a test. */
export const STAY = `
  WITH alive AS (UPDATE nodes SET seen_at = now() WHERE node = $1 RETURNING node)
  SELECT EXISTS (SELECT FROM alive) AS known,
    EXISTS (SELECT FROM nodes WHERE seen_at < now() - $2 * interval '1 millisecond') AS "someDied"`;

/** Forgets the nodes that were not seen for `$1` milliseconds, and whom they had. */
export const BURY = `
  WITH dead AS (DELETE FROM nodes WHERE seen_at < now() - $1 * interval '1 millisecond' RETURNING node)
  DELETE FROM presences WHERE node IN (SELECT node FROM dead)`;

/** Forgets the node `$1`, and whom it had. */
export const EXIT = `
  WITH gone AS (DELETE FROM nodes WHERE node = $1)
  DELETE FROM presences WHERE node = $1`;
