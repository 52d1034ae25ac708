import { Global, Module } from '@nestjs/common';
import { Drain } from './drain.js';

/** How a node stops. */
@Global()
@Module({ providers: [Drain], exports: [Drain] })
export class DrainModule {}
