import { Injectable } from '@nestjs/common';
import type { Reading } from '../delivery/inbox.js';
import type { Snapshot } from '../delivery/snapshot.js';
import type { Connection } from './connection.js';

/** The fan-out of one tenant's global messages on this node. */
export interface Feed {
  /** All that this snapshot covers has been fanned out. */
  fanned: Snapshot;
  /** A reading that is under way: its first pages have been fanned out, and after an error it goes on behind them. */
  reading: Reading | null;
}

/** The feeds of the tenants with live connections here. */
@Injectable()
export class GlobalFeeds {
  private readonly feeds = new Map<string, Feed>();

  /** The feed of a tenant; null when nobody listens yet. */
  of(tenant: string): Feed | null {
    return this.feeds.get(tenant) ?? null;
  }

  forget(tenant: string): void {
    this.feeds.delete(tenant);
  }

  forgetAll(): void {
    this.feeds.clear();
  }

  /**
   * Lets a connection take part in the fan-out from now on. False when some was fanned out that it has not been given:
   * it must read again first.
   */
  join({ tenant, givenGlobals }: Connection): boolean {
    if (!givenGlobals) return false;
    const feed = this.of(tenant);
    if (!feed) this.feeds.set(tenant, { fanned: givenGlobals, reading: null });
    return !feed || givenGlobals.includes(feed.fanned);
  }
}
