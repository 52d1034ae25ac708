import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { BadUserInputError } from '../graphql/errors.js';
import type { PageArgs } from './page-args.js';
import { type PagedQuery, PageTokens } from './page-tokens.js';

const DEFAULT_LIMIT = 100;

/** A page of rows, newest first. */
export interface Page<Row> {
  readonly items: Row[];
  readonly nextToken: string | null;
}

/** Keyset paging over the order of messages: a page begins after the last row of the one before, whatever came since. */
@Injectable()
export class Pager {
  constructor(
    private readonly settings: Settings,
    private readonly tokens: PageTokens,
  ) {}

  /**
   * Reads one page.
   * @param read gives the rows older than `before` (all, when null), newest first, and one more than `limit` if there are more
   * @throws BadUserInputError when the limit or the token can't be used
   */
  async page<Row extends { seq: string }>(
    query: PagedQuery,
    { limit, nextToken }: PageArgs,
    read: (before: string | null, limit: number) => Promise<Row[]>,
  ): Promise<Page<Row>> {
    const size = limit ?? Math.min(DEFAULT_LIMIT, this.settings.maxPageSize);
    if (size > this.settings.maxPageSize)
      throw new BadUserInputError(`limit must not be more than ${this.settings.maxPageSize}.`, 'limit');
    const before = typeof nextToken === 'string' ? this.tokens.read(query, nextToken) : null;
    const rows = await read(before, size);
    const items = rows.slice(0, size);
    const last = items.at(-1);
    return { items, nextToken: rows.length > size && last ? this.tokens.make(query, last.seq) : null };
  }
}
