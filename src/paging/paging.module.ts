import { Module } from '@nestjs/common';
import { GraphqlInputModule } from '../graphql/graphql-input.module.js';
import { PageTokens } from './page-tokens.js';
import { Pager } from './pager.js';
import { Readings } from './readings.js';

/** Pages of queries. */
@Module({ imports: [GraphqlInputModule], providers: [PageTokens, Readings, Pager], exports: [Pager] })
export class PagingModule {}
