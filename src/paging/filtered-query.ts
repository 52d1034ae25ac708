import type { DataSource } from 'typeorm';
import type { TextName } from '../graphql/selection.js';
import { parseDateTime, rangeEnd, rangeStart } from '../graphql/date-time.js';
import type { DateTimeFilter } from './page-args.js';
import type { PageBounds, Rows } from './pager.js';

/** What a page shows. Its rows are in the order of some columns, descending, which together tell each row from all others. */
export interface Listing {
  readonly columns: string;
  readonly from: string;
  readonly order: readonly string[];
  /** Those of the columns whose length is a caller's choice. */
  readonly texts: readonly TextName[];
}

/** Always true; the planner takes an index of all that a tenant has only for a query that says so. */
const OF_ALL = 'seq > 0';

/** Whether a filter asks for this value. */
export function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

/** The conditions of an SQL statement and their parameters, joined by AND. Column names are the code's own, never a caller's. */
export class FilteredQuery {
  private readonly conditions: string[] = [];
  private readonly parameters: unknown[] = [];

  /** Adds `column operator $n`, unless the value is null. */
  where(column: string, operator: '=' | '<' | '<=' | '>=', value: unknown): this {
    if (!isGiven(value)) return this;
    this.parameters.push(value);
    this.conditions.push(`${column} ${operator} $${this.parameters.length}`);
    return this;
  }

  /** Lets it look through all that a tenant has: what is wanted of that is not expected to be rare. */
  throughAll(): this {
    this.conditions.push(OF_ALL);
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
   * Reads a page, newest first. It ends early where its texts would exceed their bytes, but never before its first row. A
   * reading that takes longer than `timeout` milliseconds is ended by PostgreSQL.
   */
  async page<Row extends object>(
    dataSource: DataSource,
    { columns, from, order, texts: names }: Listing,
    { before, limit, texts, textBytes, timeout }: PageBounds,
  ): Promise<Rows<Row>> {
    const placeholder = (value: unknown) => `$${this.parameters.push(value)}`;
    if (before) this.conditions.push(`(${order.join(', ')}) < (${before.map(placeholder).join(', ')})`);
    const [most, bytes] = [placeholder(limit), placeholder(textBytes)];
    const newestFirst = order.map((column) => `${column} DESC`).join(', ');
    const cursor = order.map((column) => `${column}::text`).join(', ');
    // One row more than is shown tells whether others follow. The length of a text is known without reading it.
    const size = names.map((name) => `${texts[name]} * coalesce(octet_length(${name}), 0)`).join(' + ');
    const rows = await dataSource.transaction(async (manager) => {
      await manager.query(`SET LOCAL statement_timeout = ${timeout}`);
      return manager.query<Rows<Row & { readonly found: number }>['rows']>(
        `SELECT * FROM (
           SELECT *, sum(${size}) OVER (ORDER BY place DESC) AS bytes, row_number() OVER (ORDER BY place DESC) AS nth,
             (count(*) OVER ())::int AS found
           FROM (
             SELECT ${columns}, ROW(${order.join(', ')}) AS place, ARRAY[${cursor}] AS cursor
             FROM ${from} WHERE ${this.conditions.join(' AND ')} ORDER BY ${newestFirst} LIMIT ${most}::int + 1) AS wanted) AS measured
         WHERE bytes <= ${bytes}::bigint OR nth = 1
         ORDER BY nth LIMIT ${most}::int`,
        this.parameters,
      );
    });
    return { rows, more: (rows[0]?.found ?? 0) > rows.length };
  }
}
