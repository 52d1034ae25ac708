import { Injectable } from '@nestjs/common';
import type { Snapshot } from '../delivery/snapshot.js';
import type { Connection } from './connection.js';

/** For each tenant with live connections here: up to which snapshot its global messages have been fanned out to them. */
@Injectable()
export class GlobalFeeds {
  private readonly fanned = new Map<string, Snapshot>();

  /** Up to where the tenant's global messages have been fanned out; null when nobody listens yet. */
  of(tenant: string): Snapshot | null {
    return this.fanned.get(tenant) ?? null;
  }

  advance(tenant: string, snapshot: Snapshot): void {
    this.fanned.set(tenant, snapshot);
  }

  forget(tenant: string): void {
    this.fanned.delete(tenant);
  }

  /**
   * Lets a connection take part in the fan-out from now on. False when some was fanned out that it has not been given:
   * it must read again first.
   */
  join({ tenant, givenGlobals }: Connection): boolean {
    if (!givenGlobals) return false;
    const fanned = this.of(tenant);
    if (!fanned) this.advance(tenant, givenGlobals);
    return !fanned || givenGlobals.includes(fanned);
  }
}
