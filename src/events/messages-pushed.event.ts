import type { Place } from '../traces/tracing.js';

/** Messages were stored. Fires after the commit of a `pushMessage`, before its answer is sent. */
export class MessagesPushed {
  constructor(
    readonly tenant: string,
    /** The transaction that stored them: a reader whose snapshot covers it has seen them. */
    readonly txid: number,
    readonly recipients: readonly string[],
    /** When they expire, in milliseconds since the epoch, or null. */
    readonly expiresAt: number | null,
    /** The request that pushed them, for the log. A job of a version before has none. */
    readonly requestId?: string,
    /** Where the trace of the push goes on, if it is traced. */
    readonly place?: Place,
  ) {}
}
