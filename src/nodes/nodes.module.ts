import { Module } from '@nestjs/common';
import { NodesRepository } from './nodes.repository.js';
import { Reporter } from './reporter.js';

/** What nodes tell of themselves, for those who run them. */
@Module({ providers: [NodesRepository, Reporter], exports: [NodesRepository] })
export class NodesModule {}
