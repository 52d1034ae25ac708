import { Module } from '@nestjs/common';
import { GraphqlInputModule } from '../graphql/graphql-input.module.js';
import { PageTokens } from './page-tokens.js';
import { Pager } from './pager.js';

/** Pages of queries. */
@Module({ imports: [GraphqlInputModule], providers: [PageTokens, Pager], exports: [Pager] })
export class PagingModule {}
