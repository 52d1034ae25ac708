import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/**
 * Parameter `$n`, hidden from the planner. PostgreSQL plans a prepared statement anew for each run as long as it believes
 * that the values make the plan cheaper: of an array it would know the length. Where the values change nothing about the
 * plan, hide them, and after five runs the plan is kept.
 */
export function hidden(n: number, type: string): string {
  return `(SELECT $${n}::${type})`;
}

/**
 * A statement that the path of a message takes again and again. Each connection of TypeORM's pool prepares it once under its
 * name, and the server then does not parse it anew. Nor does it plan it anew if its parameters are `hidden`: for statements of
 * many parts that costs more than running them.
 */
export class PreparedStatement<Row extends object> {
  /**
   * @param name names the statement within a connection, so each needs its own
   * @param text SQL with parameters `$1`, `$2`, ...
   * @param silence for how many milliseconds the server may say nothing, unless a run has a time of its own
   */
  constructor(
    private readonly name: string,
    private readonly text: string,
    private readonly silence?: number,
  ) {}

  /** Runs the statement by itself, outside any transaction. Gives its rows, and when it was sent (`performance.now()`). */
  async run(
    dataSource: DataSource,
    values: unknown[],
    silence = this.silence,
  ): Promise<{ readonly rows: Row[]; readonly sentAt: number }> {
    // TypeORM's own `query` can't name a statement; its driver's pool is the one that `query` uses too.
    const { master } = dataSource.driver as unknown as { readonly master: Pool };
    const query = {
      name: this.name,
      text: this.text,
      values,
      ...(silence !== undefined && { query_timeout: silence }),
    };
    const client = await master.connect();
    let broken: Error | undefined;
    try {
      const sentAt = performance.now();
      const { rows } = await client.query<Row>(query);
      return { rows, sentAt };
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  }
}
