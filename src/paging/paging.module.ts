import { Module } from '@nestjs/common';
import { PageTokens } from './page-tokens.js';
import { Pager } from './pager.js';

/** Pages of queries. */
@Module({ providers: [PageTokens, Pager], exports: [Pager] })
export class PagingModule {}
