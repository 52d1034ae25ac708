import type { DataSource } from 'typeorm';
import type { TextName } from '../graphql/selection.js';
import { parseDateTime, rangeEnd, rangeStart } from '../graphql/date-time.js';
import type { DateTimeFilter } from './page-args.js';
import type { PageBounds, Rows } from './pager.js';

/** The conditions of an SQL statement and their parameters, joined by AND. Column names are the code's own, never a caller's. */
export class FilteredQuery {
  private readonly conditions: string[] = [];
  private readonly parameters: unknown[] = [];

  /** Adds `column operator $n`, unless the value is null. */
  where(column: string, operator: '=' | '<' | '<=' | '>=', value: unknown): this {
    if (value === null || value === undefined) return this;
    this.parameters.push(value);
    this.conditions.push(`${column} ${operator} $${this.parameters.length}`);
    return this;
  }

  /** Adds a condition without parameters. */
  whereRaw(condition: string): this {
    this.conditions.push(condition);
    return this;
  }

  /** Adds both ends of a range, as far as they are given. */
  within(column: string, range: DateTimeFilter | null | undefined): this {
    const from = range?.from ? parseDateTime(range.from) : null;
    const to = range?.to ? parseDateTime(range.to) : null;
    return this.where(column, '>=', from && rangeStart(from).toISOString()).where(
      column,
      '<=',
      to && rangeEnd(to).toISOString(),
    );
  }

  /** Reads all that meets the conditions: `select` ends with its FROM clause. */
  all<Row extends object>(dataSource: DataSource, select: string): Promise<Row[]> {
    return dataSource.query<Row[]>(`${select} WHERE ${this.conditions.join(' AND ')}`, this.parameters);
  }

  /**
   * Reads a page, newest first: `select` names `seq` and the texts among its columns and ends with its FROM clause. The page
   * ends early where its texts would exceed their bytes, but never before its first row. A reading that takes longer than
   * `timeout` milliseconds is ended by PostgreSQL.
   */
  async page<Row extends object>(
    dataSource: DataSource,
    select: string,
    names: readonly TextName[],
    { limit, texts, textBytes, timeout }: PageBounds,
  ): Promise<Rows<Row>> {
    const [limitAt, bytesAt] = [this.parameters.push(limit), this.parameters.push(textBytes)];
    // One row more than is shown tells whether others follow. The length of a text is known without reading it.
    const size = names.map((name) => `${texts[name]} * coalesce(octet_length(${name}), 0)`).join(' + ');
    const rows = await dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL statement_timeout = ${timeout}`);
      return manager.query<(Row & { readonly found: number })[]>(
        `SELECT * FROM (
           SELECT *, sum(${size}) OVER (ORDER BY seq DESC) AS bytes, row_number() OVER (ORDER BY seq DESC) AS place,
             (count(*) OVER ())::int AS found
           FROM (${select} WHERE ${this.conditions.join(' AND ')} ORDER BY seq DESC LIMIT $${limitAt}::int + 1) AS wanted) AS measured
         WHERE bytes <= $${bytesAt}::bigint OR place = 1
         ORDER BY seq DESC LIMIT $${limitAt}::int`,
        this.parameters,
      );
    });
    return { rows, more: (rows[0]?.found ?? 0) > rows.length };
  }
}
