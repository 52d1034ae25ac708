import type { Place } from '../traces/tracing.js';

/** Recipients of a tenant have news that a snapshot covers if it covers the transaction. */
export interface MessagesSignal {
  readonly kind: 'messages';
  readonly tenant: string;
  readonly txid: number;
  readonly recipients: readonly string[];
  /** The request that pushed them, where the log follows messages. */
  readonly requestId?: string;
  /** Where the trace of the push goes on, if it is traced. */
  readonly place?: Place;
}

/** A tenant has a new global message. */
export interface GlobalSignal {
  readonly kind: 'global';
  readonly tenant: string;
  readonly txid: number;
  readonly requestId?: string;
  readonly place?: Place;
}

/** The tokens of some recipient were revoked. */
export interface RevocationSignal {
  readonly kind: 'revocation';
}

/** Somebody asks what the nodes know of a recipient, and of these of its messages: see `Lookups`. */
export interface LookupSignal {
  readonly kind: 'lookup';
  /** Tells the question from all others. */
  readonly id: string;
  readonly tenant: string;
  readonly recipient: string;
  readonly seqs: readonly number[];
}

/** What one node tells the others. Signals say where to look, never what is there. */
export type Signal = MessagesSignal | GlobalSignal | RevocationSignal | LookupSignal;

/** Whose signals a node wants: those of one recipient, or, with null, those of a tenant's global messages. */
export interface Audience {
  readonly tenant: string;
  readonly recipient: string | null;
}

/** Who hears the signals of a relay. */
export interface RelayListener {
  onSignal(signal: Signal): void;
  /** Signals may have been missed until now. */
  onGap(): void;
}

/**
 * Brings signals from any node to those that joined their audience, at most once each; revocations and questions come to all that listen. A
 * signal that is lost costs time alone: the reconciler looks without one.
 */
export abstract class Relay {
  /**
   * Sends signals; rejects when they could not be sent.
   * @param origin the id of a node that knows them already, and need not hear them again
   */
  abstract publish(signals: readonly Signal[], origin?: string): Promise<void>;

  /** Whether signals can be sent and, where somebody listens, heard at this moment, as far as is known. */
  abstract get isUp(): boolean;

  /** Starts to listen. One listener a process. */
  abstract listen(listener: RelayListener): Promise<void>;

  /**
   * Joins an audience: what is published after this resolves comes here. It does not reject: when the relay is away, it
   * resolves, and `onGap` follows when the relay is back.
   */
  abstract join(audience: Audience): Promise<void>;

  /** Leaves an audience. Some of its signals may still come. */
  abstract leave(audience: Audience): void;
}
