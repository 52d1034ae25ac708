import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.js';
import type { LookupAnswer } from '../lookups/lookup-answer.js';
import { BoundedMemory } from './bounded-memory.js';
import type { Connection } from './connection.js';

type CutOff = NonNullable<LookupAnswer['cutOff']>;

/** Recipients of whom is remembered that they were cut off; the one that was so longest ago is forgotten first. */
const LIMIT = 1_000;

/** Whose connections this node ended last because they did not read or did not answer, for whoever looks a recipient up. */
@Injectable()
export class CutOffs {
  private readonly known = new BoundedMemory<string, CutOff>(LIMIT);

  constructor(private readonly clock: DatabaseClock) {}

  /** A connection ended. Only what this node ended by itself is remembered. */
  note({ tenant, recipient, topic, closedBecause }: Connection): void {
    if (closedBecause !== 'slow_consumer' && closedBecause !== 'no_pong') return;
    const at = new Date(this.clock.now()).toISOString();
    this.known.remember(keyOf(tenant, recipient), { at, because: closedBecause, topic });
  }

  /** The last one of a recipient. */
  of(tenant: string, recipient: string): CutOff | null {
    return this.known.get(keyOf(tenant, recipient)) ?? null;
  }
}

function keyOf(tenant: string, recipient: string): string {
  return `${tenant}\u0000${recipient}`;
}
