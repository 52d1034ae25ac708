import { Injectable, Logger } from '@nestjs/common';
import type { InboxItem } from '../delivery/inbox.js';
import { InboxRepository } from '../delivery/inbox.repository.js';
import type { Snapshot } from '../delivery/snapshot.js';
import type { Connection } from './connection.js';
import { Drainer } from './drainer.js';
import { GlobalFeeds } from './global-feeds.js';
import { Hub } from './hub.js';
import { Sender, type Shipment } from './sender.js';

/**
 * Sends a tenant's global messages to all its connections on this node: read once, framed once, written to each. A
 * connection that still reads its backlog catches up by itself.
 */
@Injectable()
export class GlobalFanOut {
  private readonly logger = new Logger(GlobalFanOut.name);
  private readonly running = new Set<string>();
  private readonly again = new Set<string>();

  constructor(
    private readonly inbox: InboxRepository,
    private readonly hub: Hub,
    private readonly feeds: GlobalFeeds,
    private readonly drainer: Drainer,
    private readonly sender: Sender,
  ) {}

  /** The tenant has a new global message, stored by this transaction. */
  signal(tenant: string, txid: number): void {
    if (!this.feeds.of(tenant)?.covers(txid)) this.wake(tenant);
  }

  /** The tenant may have new global messages. */
  wake(tenant: string): void {
    if (this.running.has(tenant)) {
      this.again.add(tenant);
      return;
    }
    this.running.add(tenant);
    void this.run(tenant).finally(() => this.running.delete(tenant));
  }

  private async run(tenant: string): Promise<void> {
    do {
      this.again.delete(tenant);
      try {
        await this.fanOut(tenant);
      } catch (error) {
        this.logger.warn(`Global messages can't be read; the reconciler tries again: ${(error as Error).message}`);
      }
    } while (this.again.has(tenant));
  }

  private async fanOut(tenant: string): Promise<void> {
    const since = this.feeds.of(tenant);
    if (!since) {
      for (const connection of this.hub.ofTenant(tenant)) this.catchUp(connection);
      return;
    }
    let until: Snapshot | null = null;
    let after = 0;
    for (let more = true; more;) {
      const page = await this.inbox.globalNews(tenant, since, after, until);
      until ??= page.snapshot;
      this.write(tenant, page.items);
      more = page.more;
      after = page.items.at(-1)?.seq ?? after;
    }
    for (const connection of this.hub.ofTenant(tenant)) advance(connection, until as Snapshot);
    this.feeds.advance(tenant, until as Snapshot);
  }

  private write(tenant: string, items: readonly InboxItem[]): void {
    if (items.length === 0) return;
    const shared = new Map<string | null, Shipment | null>();
    for (const connection of this.hub.ofTenant(tenant)) {
      const { givenGlobals, topic } = connection;
      if (!givenGlobals || connection.wantsGlobals || connection.missedGlobals) {
        this.catchUp(connection);
        continue;
      }
      const news = items.filter(({ txid }) => !givenGlobals.covers(txid));
      if (news.length < items.length || connection.format !== 'text') {
        this.sender.send(connection, news);
        continue;
      }
      let frames = shared.get(topic);
      if (frames === undefined) shared.set(topic, (frames = this.sender.pack(connection, items)));
      if (frames) this.sender.ship(connection, frames);
    }
  }

  private catchUp(connection: Connection): void {
    connection.missedGlobals = true;
    this.drainer.wake(connection);
  }
}

function advance(connection: Connection, until: Snapshot): void {
  const { givenGlobals, wantsGlobals, missedGlobals } = connection;
  if (givenGlobals && !wantsGlobals && !missedGlobals && !givenGlobals.includes(until)) connection.givenGlobals = until;
}
