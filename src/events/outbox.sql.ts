/**
 * A statement that changes rows and tells of each what happened to it.
 * @param change changes rows and returns of them what `facts` needs; it may not begin with a list of what changes others
 * @param event the name of the class of the event that each of these rows is
 * @param facts names and values of the event's fields, as `jsonb_build_object` takes them
 * @param kept a condition: whether the events go into the outbox as well
 * @param beside further rows that `facts` needs, one for all, as a list after FROM has it
 */
export const telling = (change: string, event: string, facts: string, kept: string, beside = ''): string => `
  WITH changed AS (${change}),
  told AS MATERIALIZED (SELECT jsonb_build_object(${facts}) AS facts FROM changed c${beside}),
  kept AS (INSERT INTO homing_outbox (event, data) SELECT '${event}', facts FROM told WHERE ${kept})
  SELECT facts FROM told`;

/** What a statement that cancels messages `m` returns of each for their event, and the facts of that. */
export const CANCELLED = {
  returned: 'm.tenant, m.id, m.recipient, m.topic, m.created_at, m.cancelled_at',
  facts: `'tenant', c.tenant, 'id', c.id, 'recipient', c.recipient, 'topic', c.topic,
    'createdAt', c.created_at, 'cancelledAt', c.cancelled_at`,
} as const;
