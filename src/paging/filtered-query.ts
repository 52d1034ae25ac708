import { parseDateTime, rangeEnd, rangeStart } from '../graphql/date-time.js';
import type { DateTimeFilter } from './page-args.js';

/** The conditions of an SQL statement and their parameters, joined by AND. Column names are the code's own, never a caller's. */
export class FilteredQuery {
  private readonly conditions: string[] = [];
  readonly parameters: unknown[] = [];

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

  /** The WHERE clause, and the order and size of a page: newest first, one row more than shown to know whether another page follows. */
  page(limit: number): string {
    this.parameters.push(limit + 1);
    return `WHERE ${this.conditions.join(' AND ')} ORDER BY seq DESC LIMIT $${this.parameters.length}`;
  }
}
