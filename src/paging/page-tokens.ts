import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Seal } from '../access/seal.js';
import { TokenSecrets } from '../config/config.module.js';
import { BadUserInputError } from '../graphql/errors.js';
import type { Cursor } from './pager.js';

/** What a page token continues: a query of a tenant with one filter. */
export interface PagedQuery {
  readonly tenant: string;
  readonly query: string;
  readonly filter: unknown;
}

interface Sealed {
  readonly bound: string;
  readonly before: Cursor;
}

/** Makes and reads `nextToken`: opaque, authenticated, and good only for the tenant, query and filter that it came from. */
@Injectable()
export class PageTokens {
  private readonly seal: Seal;

  constructor(secrets: TokenSecrets) {
    this.seal = new Seal(secrets.all, 'page-token');
  }

  /** A token for the page of items older than the one of the cursor. */
  make(query: PagedQuery, before: Cursor): string {
    return this.seal.seal(JSON.stringify({ bound: fingerprint(query), before } satisfies Sealed));
  }

  /** The cursor of the item that the page comes after. @throws BadUserInputError when the token is not this query's. */
  read(query: PagedQuery, token: string): Cursor {
    const text = this.seal.open(token);
    const sealed = text === null ? null : (JSON.parse(text) as Sealed);
    if (!sealed || sealed.bound !== fingerprint(query) || !Array.isArray(sealed.before)) {
      throw new BadUserInputError('nextToken is not one that this query gave out for this filter.', 'nextToken');
    }
    return sealed.before;
  }
}

function fingerprint({ tenant, query, filter }: PagedQuery): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, query, canonical(filter)]))
    .digest('base64url');
}

/** The same for filters that mean the same: keys sorted, and what is null left out. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, item]) => item !== null && item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, canonical(item)]);
}
