/** A push, as the backend that sent it wrote it down. Times in milliseconds since the epoch. */
export interface PushEntry {
  /** When the answer came. */
  readonly at: number;
  /** What its text begins with; no other push has it. */
  readonly key: string;
  /** Null for a global message. */
  readonly recipients: readonly string[] | null;
  readonly topic: string | null;
  readonly expiresAt: number | null;
  /** Sending and being answered, counted over all backends: what was answered before another was sent has the lower number. */
  readonly sent: number;
  /** Null when it was not acknowledged: then it may exist or not. */
  readonly answered: number | null;
  /** The id for each recipient, or for `global`. */
  readonly ids: Readonly<Record<string, string>> | null;
}

/** What the recipients saw and did, in the order in which they did. */
export type RecipientEntry = { readonly at: number } & (
  | {
      readonly kind: 'open';
      readonly connection: number;
      readonly device: number;
      readonly recipient: string;
      readonly topic: string | null;
      /** The number of the node that it is connected to. */
      readonly node: number;
      /** Whether it reads at once whatever comes. */
      readonly prompt: boolean;
    }
  | { readonly kind: 'frame'; readonly connection: number; readonly key: string }
  | { readonly kind: 'pong'; readonly connection: number }
  | { readonly kind: 'close'; readonly connection: number }
  | { readonly kind: 'stall'; readonly from: number; readonly to: number }
);

/** A message as the API lists it. */
export interface ListedMessage {
  readonly id: string;
  readonly recipient: string;
  readonly message: string;
  readonly topic: string | null;
  readonly status: string;
  readonly expiresAt: string | null;
  readonly deliveredAt: string | null;
  readonly cancelledAt: string | null;
  readonly globalMessageId: string | null;
}

/** A span of time. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** All that is known when everything is over. */
export interface Evidence {
  readonly pushes: readonly PushEntry[];
  readonly recipients: readonly RecipientEntry[];
  /** What the API listed at the end. */
  readonly messages: readonly ListedMessage[];
  /** When it had listed everything. */
  readonly listed: number;
  readonly globalIds: readonly string[];
  readonly deliveries: readonly ListedMessage[];
  /** Rows of a global message that a recipient has more than one of. */
  readonly doubledGlobals: readonly { readonly globalMessageId: string; readonly recipient: string }[];
  /** Every change of a status, in order, as the database wrote it down. */
  readonly audit: readonly { readonly id: string; readonly old: string; readonly new: string }[];
  /** What the API said of statuses during the run. */
  readonly samples: readonly { readonly statuses: Readonly<Record<string, string>> }[];
  /** When a node was stopped by SIGSTOP, and which. */
  readonly pauses: readonly (Span & { readonly node: number })[];
  /** From when on all parts were up and every device was connected, until the end. */
  readonly settled: Span;
}

export type Fault = 'lost' | 'lied' | 'late' | 'outOfOrder' | 'stuck' | 'backStepped' | 'doubled';

export interface Verdict {
  /** A sentence for each fault. */
  readonly faults: Readonly<Record<Fault, readonly string[]>>;
  /** Messages that a device was given again on a later connection: allowed. */
  readonly repeats: number;
  /** Messages seen late that a SIGSTOP between looking at the clock and writing explains: see `LATE_TOLERANCE`. */
  readonly excused: number;
  readonly acknowledged: number;
  readonly seen: number;
}

export const LATE_TOLERANCE: number;
export function check(evidence: Evidence): Verdict;
