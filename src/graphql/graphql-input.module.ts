import { Module } from '@nestjs/common';
import { AnswerLimits } from './answer-limits.js';
import { InputLimits } from './input-limits.js';

/** What resolvers and services need to check their inputs, and how much is asked of them. */
@Module({ providers: [InputLimits, AnswerLimits], exports: [InputLimits, AnswerLimits] })
export class GraphqlInputModule {}
