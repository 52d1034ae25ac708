import { Module } from '@nestjs/common';
import { Lookups } from './lookups.js';
import { LookupsRepository } from './lookups.repository.js';

/** Questions of the admin pages to the nodes that hold connections, and their answers. */
@Module({ providers: [Lookups, LookupsRepository], exports: [Lookups, LookupsRepository] })
export class LookupsModule {}
