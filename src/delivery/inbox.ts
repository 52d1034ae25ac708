import type { Snapshot } from './snapshot.js';

/** A message on its way to a connection. Times in milliseconds since the epoch. */
export interface InboxItem {
  readonly seq: number;
  readonly id: string;
  readonly topic: string | null;
  readonly text: string;
  readonly expiresAt: number | null;
  readonly createdAt: number;
  /** The transaction that stored it. */
  readonly txid: number;
  readonly global: boolean;
}

/** Which part of a recipient's inbox to read: oldest first, after `after`, as far as `until` saw (null: as far as can be seen now). */
export interface InboxRequest {
  readonly tenant: string;
  readonly recipient: string;
  readonly topic: string | null;
  readonly after: number;
  readonly until: Snapshot | null;
  /** What became visible after this snapshot is wanted whatever its status, CANCELLED aside. */
  readonly since: Snapshot | null;
  /** Whether the tenant's global messages are wanted too. */
  readonly globals: boolean;
}

/** A request for what is PENDING, too. Global messages whose time had ended when the connection opened are left out. */
export interface BacklogRequest extends InboxRequest {
  /** By the database's clock; null for now. */
  readonly openedAt: Date | null;
}

/** What could be seen in the database at some moment, and which moment that was by the database's clock. */
export interface Opening {
  readonly snapshot: Snapshot;
  readonly at: Date;
}

/** A request for nothing but what became visible after the snapshot `since`. */
export interface NewsRequest extends InboxRequest {
  readonly since: Snapshot;
}

/** Whether a connection that has been given what `since` saw, and has proven it, lacks anything. */
export type LookRequest = Pick<NewsRequest, 'tenant' | 'recipient' | 'topic' | 'since'>;

/** Which of the requests, by their places, found something PENDING, and which something that became visible after `since`. */
export interface Look {
  readonly pending: readonly number[];
  readonly news: readonly number[];
}

/** A part of an inbox, what the statement saw, and whether there is more to read; there may be when a page is empty too. */
export interface InboxPage {
  readonly items: readonly InboxItem[];
  readonly snapshot: Snapshot;
  readonly more: boolean;
}

/** A reading of the inbox that goes on over several pages: all that `until` saw, after `after`. */
export interface Reading {
  readonly until: Snapshot;
  readonly after: number;
}
