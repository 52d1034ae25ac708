import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';

/** Longer than the server lets a statement run: only a server that has gone silent, as one whose machine died, is given up. */
const SILENCE = 35_000;

/**
 * A statement that the path of a message takes again and again. Each connection of TypeORM's pool prepares it once under its
 * name, and the server then neither parses nor plans it anew: for statements of many parts that costs more than running them.
 */
export class PreparedStatement<Row extends object> {
  /**
   * @param name names the statement within a connection, so each needs its own
   * @param text SQL with parameters `$1`, `$2`, ...
   * @param silence for how many milliseconds the server may say nothing
   */
  constructor(
    private readonly name: string,
    private readonly text: string,
    private readonly silence = SILENCE,
  ) {}

  /**
   * Runs the statement by itself, outside any transaction, and gives its rows.
   * @throws Error when it fails, or when nothing is heard from the server; then its connection is given up too.
   */
  async run(dataSource: DataSource, values: unknown[]): Promise<Row[]> {
    // TypeORM's own `query` can't name a statement; its driver's pool is the one that `query` uses too.
    const { master } = dataSource.driver as unknown as { readonly master: Pool };
    const query = { name: this.name, text: this.text, values, query_timeout: this.silence };
    const { rows } = await master.query<Row>(query);
    return rows;
  }
}
