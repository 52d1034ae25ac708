import type { Place } from '../traces/tracing.js';
import { type Facts, timeOf } from './facts.js';

/** A global message was stored. Fires once for each `pushGlobalMessage`, after its commit and before its answer is sent, on the node that took it. */
export class GlobalMessagePushed {
  readonly tenant: string;
  readonly id: string;
  readonly topic: string | null;
  readonly expiresAt: Date | null;
  /** When it was stored, by the clock of the database. */
  readonly createdAt: Date;
  /** The request that pushed it, as `X-Request-Id` named it. */
  readonly requestId?: string | undefined;
  /** @internal The transaction that stored it: a reader whose snapshot covers it has seen it. */
  readonly txid: number;
  /** @internal Where the trace of the push goes on, if it is traced. */
  readonly place?: Place | undefined;

  constructor(facts: Facts<GlobalMessagePushed>) {
    this.tenant = facts.tenant;
    this.id = facts.id;
    this.topic = facts.topic;
    this.expiresAt = facts.expiresAt === null ? null : timeOf(facts.expiresAt);
    this.createdAt = timeOf(facts.createdAt);
    this.requestId = facts.requestId ?? undefined;
    this.txid = facts.txid;
    this.place = facts.place;
  }
}
