import type { Place } from '../traces/tracing.js';
import { type Facts, timeOf } from './facts.js';

/**
 * Messages were stored, one for each recipient. Fires once for each `pushMessage` that stored any, after its commit and before
 * its answer is sent, on the node that took it.
 */
export class MessagesPushed {
  readonly tenant: string;
  /** The messages; their recipients stand in the same order. */
  readonly ids: readonly string[];
  readonly recipients: readonly string[];
  readonly topic: string | null;
  readonly expiresAt: Date | null;
  /** When they were stored, by the clock of the database. */
  readonly createdAt: Date;
  /** The request that pushed them, as `X-Request-Id` named it. */
  readonly requestId?: string | undefined;
  /** @internal The transaction that stored them: a reader whose snapshot covers it has seen them. */
  readonly txid: number;
  /** @internal Where the trace of the push goes on, if it is traced. */
  readonly place?: Place | undefined;

  constructor(facts: Facts<MessagesPushed>) {
    this.tenant = facts.tenant;
    this.ids = facts.ids;
    this.recipients = facts.recipients;
    this.topic = facts.topic;
    this.expiresAt = facts.expiresAt === null ? null : timeOf(facts.expiresAt);
    this.createdAt = timeOf(facts.createdAt);
    this.requestId = facts.requestId ?? undefined;
    this.txid = facts.txid;
    this.place = facts.place;
  }
}
