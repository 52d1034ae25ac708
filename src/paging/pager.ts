import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { AnswerLimits } from '../graphql/answer-limits.js';
import { BadUserInputError } from '../graphql/errors.js';
import type { Selection } from '../graphql/selection.js';
import type { PageArgs } from './page-args.js';
import { type PagedQuery, PageTokens } from './page-tokens.js';
import { Readings } from './readings.js';

const DEFAULT_LIMIT = 100;

/** Where a row stands: its values of the columns that order the page. */
export type Cursor = readonly string[];

/** Which rows a page wants. */
export interface PageBounds {
  /** Rows older than the one of this cursor; all of them when null. */
  readonly before: Cursor | null;
  readonly limit: number;
  /** How often each text of a row is shown, and how many bytes of them there may be. */
  readonly texts: Selection['texts'];
  readonly textBytes: number;
  /** How long the reading may take, in milliseconds. */
  readonly timeout: number;
}

/** What is read for a page: its rows, newest first, and whether more follow. */
export interface Rows<Row> {
  readonly rows: (Row & { readonly cursor: Cursor })[];
  readonly more: boolean;
}

/** A page of rows, newest first. */
export interface Page<Row> {
  readonly items: Row[];
  readonly nextToken: string | null;
}

/** Keyset paging: a page begins after the last row of the one before, whatever came since. */
@Injectable()
export class Pager {
  constructor(
    private readonly settings: Settings,
    private readonly limits: AnswerLimits,
    private readonly tokens: PageTokens,
    private readonly readings: Readings,
  ) {}

  /**
   * Reads one page.
   * @throws BadUserInputError when the limit or the token can't be used, or too much is selected of so many rows, or the reading
   * takes too long; RateLimitedError when too many of the tenant wait
   */
  async page<Row extends object>(
    query: PagedQuery,
    { limit: wanted, nextToken }: PageArgs,
    selection: Selection,
    read: (bounds: PageBounds) => Promise<Rows<Row>>,
  ): Promise<Page<Row>> {
    const limit = wanted ?? Math.min(DEFAULT_LIMIT, this.settings.maxPageSize);
    if (limit > this.settings.maxPageSize)
      throw new BadUserInputError(`limit must not be more than ${this.settings.maxPageSize}.`, 'limit');
    this.limits.checkRows(limit, selection, 'limit');
    const before = typeof nextToken === 'string' ? this.tokens.read(query, nextToken) : null;
    const { maxAnswerBytes, queryTimeout } = this.settings;
    const { rows, more } = await this.readings.run(query.tenant, () =>
      read({ before, limit, texts: selection.texts, textBytes: maxAnswerBytes, timeout: queryTimeout }),
    );
    // In JSON they may be longer than they are stored.
    const items = this.limits.fit(rows, selection);
    const last = items.at(-1);
    const isRest = more || items.length < rows.length;
    return { items, nextToken: isRest && last ? this.tokens.make(query, last.cursor) : null };
  }
}
