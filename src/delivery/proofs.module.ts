import { Module } from '@nestjs/common';
import { ProofLedger } from './proof-ledger.js';
import { ProofsRepository } from './proofs.repository.js';

/** What recipients proved, and recording it. */
@Module({ providers: [ProofLedger, ProofsRepository], exports: [ProofLedger, ProofsRepository] })
export class ProofsModule {}
