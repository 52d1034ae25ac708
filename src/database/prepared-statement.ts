import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/**
 * A statement that the path of a message takes again and again. Each connection of TypeORM's pool prepares it once under its
 * name, and the server then neither parses nor plans it anew: for statements of many parts that costs more than running them.
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
