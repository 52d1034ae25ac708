/**
 * Where the one clock comes from by which messages are dated, expire and are kept. It is the database's: the nodes carry on what it
 * told them. A node that is given another one sets it for the whole installation when it starts, and it stays until a node is given
 * the next; one that is given none leaves it as it is.
 */
export abstract class ClockStrategy {
  /**
   * The time as an SQL expression of the type `timestamptz`, stable within a statement, such as `statement_timestamp()`, which is
   * the default. It never comes from a stranger: it becomes part of a function.
   */
  abstract readonly expression: string;
}

/** The clock of the database's server. */
export class DatabaseTime extends ClockStrategy {
  readonly expression = 'statement_timestamp()';
}

/** The function by which every statement tells the time, truncated to the milliseconds that the API shows: what is compared is what is seen. */
export function clockFunction({ expression }: ClockStrategy): string {
  return `CREATE OR REPLACE FUNCTION homing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT date_trunc('milliseconds', ${expression}) $$`;
}
