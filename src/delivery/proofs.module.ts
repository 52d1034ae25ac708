import { Module } from '@nestjs/common';
import { ProofsRepository } from './proofs.repository.js';

/** Recording proofs. */
@Module({ providers: [ProofsRepository], exports: [ProofsRepository] })
export class ProofsModule {}
