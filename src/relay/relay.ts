/** Recipients of a tenant have news that a snapshot covers if it covers the transaction. */
export interface MessagesSignal {
  readonly kind: 'messages';
  readonly tenant: string;
  readonly txid: number;
  readonly recipients: readonly string[];
}

/** A tenant has a new global message. */
export interface GlobalSignal {
  readonly kind: 'global';
  readonly tenant: string;
  readonly txid: number;
}

/** The tokens of some recipient were revoked. */
export interface RevocationSignal {
  readonly kind: 'revocation';
}

/** What one node tells the others. Signals say where to look, never what is there. */
export type Signal = MessagesSignal | GlobalSignal | RevocationSignal;

/** Who hears the signals of a relay. */
export interface RelayListener {
  onSignal(signal: Signal): void;
  /** The connection to the relay was lost and is back: signals may have been missed. */
  onGap(): void;
}

/** Brings signals from any node to every node, its own sender included, at most once each. */
export abstract class Relay {
  /** Sends signals; rejects when they could not be sent. */
  abstract publish(signals: readonly Signal[]): Promise<void>;
  /** Starts to listen. One listener a process. */
  abstract listen(listener: RelayListener): Promise<void>;
}
