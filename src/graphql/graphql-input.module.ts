import { Module } from '@nestjs/common';
import { InputLimits } from './input-limits.js';

/** What resolvers and services need to check their inputs. */
@Module({ providers: [InputLimits], exports: [InputLimits] })
export class GraphqlInputModule {}
