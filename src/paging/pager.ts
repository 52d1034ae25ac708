import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { AnswerLimits } from '../graphql/answer-limits.js';
import { BadUserInputError } from '../graphql/errors.js';
import type { Selection } from '../graphql/selection.js';
import type { PageArgs } from './page-args.js';
import { type PagedQuery, PageTokens } from './page-tokens.js';

const DEFAULT_LIMIT = 100;

/** Which rows a page wants. */
export interface PageBounds {
  /** Rows older than this one; all of them when null. */
  readonly before: string | null;
  readonly limit: number;
  /** Whether the texts of the rows are shown, and how many bytes of them there may be. */
  readonly withText: boolean;
  readonly textBytes: number;
}

/** What is read for a page: its rows, newest first, and whether more follow. */
export interface Rows<Row> {
  readonly rows: Row[];
  readonly more: boolean;
}

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
    private readonly limits: AnswerLimits,
    private readonly tokens: PageTokens,
  ) {}

  /**
   * Reads one page.
   * @throws BadUserInputError when the limit or the token can't be used, or too much is selected of so many rows
   */
  async page<Row extends { seq: string }>(
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
    const textBytes = this.limits.textBytes(selection);
    const { rows, more } = await read({ before, limit, withText: selection.texts > 0, textBytes });
    const last = rows.at(-1);
    return { items: rows, nextToken: more && last ? this.tokens.make(query, last.seq) : null };
  }
}
