import type { Place } from '../traces/tracing.js';

/** A global message was stored. Fires after the commit of a `pushGlobalMessage`, before its answer is sent. */
export class GlobalMessagePushed {
  constructor(
    readonly tenant: string,
    /** The transaction that stored it: a reader whose snapshot covers it has seen it. */
    readonly txid: number,
    /** The request that pushed it, for the log. A job of a version before has none. */
    readonly requestId?: string,
    /** Where the trace of the push goes on, if it is traced. */
    readonly place?: Place,
  ) {}
}
