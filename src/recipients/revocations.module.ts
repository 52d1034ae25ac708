import { Module } from '@nestjs/common';
import { GraphqlInputModule } from '../graphql/graphql-input.module.js';
import { RevocationsRepository } from './revocations.repository.js';
import { Revocations } from './revocations.js';

/** Revoking tokens. */
@Module({
  imports: [GraphqlInputModule],
  providers: [Revocations, RevocationsRepository],
  exports: [Revocations, RevocationsRepository],
})
export class RevocationsModule {}
