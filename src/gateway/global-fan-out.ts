import { Injectable } from '@nestjs/common';
import type { InboxItem } from '../delivery/inbox.js';
import { InboxRepository } from '../delivery/inbox.repository.js';
import type { Snapshot } from '../delivery/snapshot.js';
import { Log } from '../log/log.js';
import { Metrics } from '../metrics/metrics.js';
import type { Connection } from './connection.js';
import { Drainer } from './drainer.js';
import { type Feed, GlobalFeeds } from './global-feeds.js';
import { Hub } from './hub.js';
import { Sender, type Shipment } from './sender.js';

/**
 * Sends a tenant's global messages to all its connections on this node: read once, framed once, written to each. A
 * connection that still reads its backlog catches up by itself.
 */
@Injectable()
export class GlobalFanOut {
  private readonly log = new Log(GlobalFanOut.name);
  private readonly running = new Set<string>();
  private readonly again = new Set<string>();

  constructor(
    private readonly inbox: InboxRepository,
    private readonly hub: Hub,
    private readonly feeds: GlobalFeeds,
    private readonly drainer: Drainer,
    private readonly sender: Sender,
    private readonly metrics: Metrics,
  ) {}

  /** The tenant has a new global message, stored by this transaction. */
  signal(tenant: string, txid: number): void {
    if (!this.feeds.of(tenant)?.fanned.covers(txid)) this.wake(tenant);
  }

  /** The tenant may have new global messages. */
  wake(tenant: string): void {
    if (this.running.has(tenant)) {
      this.again.add(tenant);
      return;
    }
    this.running.add(tenant);
    void this.run(tenant);
  }

  private async run(tenant: string): Promise<void> {
    do {
      this.again.delete(tenant);
      try {
        await this.fanOut(tenant);
      } catch (error) {
        this.metrics.inboxErrors.add();
        this.log.write('inbox.unreadable', "Global messages can't be read; the reconciler tries again", { error });
      }
    } while (this.again.has(tenant));
    this.running.delete(tenant);
  }

  private async fanOut(tenant: string): Promise<void> {
    const feed = this.feeds.of(tenant);
    if (!feed) {
      for (const connection of this.hub.ofTenant(tenant)) this.catchUp(connection);
      return;
    }
    const resumed = feed.reading !== null;
    do {
      const began = performance.now();
      const page = await this.inbox.globalNews(tenant, feed.fanned, feed.reading);
      if (this.feeds.of(tenant) !== feed) {
        // Everybody left in the meantime; whoever came instead has a feed of its own.
        this.again.add(tenant);
        return;
      }
      if (page.items.length > 0) {
        this.metrics.fanOutSize.observe(this.write(tenant, feed, page.items));
        this.metrics.fanOutDuration.observe((performance.now() - began) / 1_000);
      }
      const until = feed.reading?.until ?? page.snapshot;
      const last = page.items.at(-1);
      feed.reading = page.more && last ? { until, after: last.seq } : null;
      if (!feed.reading) this.finish(tenant, feed, until);
    } while (feed.reading);
    // The rest of a reading that had failed ends before what woke this one.
    if (resumed) this.again.add(tenant);
  }

  private finish(tenant: string, feed: Feed, until: Snapshot): void {
    for (const connection of this.hub.ofTenant(tenant)) advance(connection, until);
    feed.fanned = until;
  }

  /** Gives how many connections it wrote to. */
  private write(tenant: string, { fanned }: Feed, items: readonly InboxItem[]): number {
    let written = 0;
    const shared = new Map<string | null, Shipment | null>();
    for (const connection of this.hub.ofTenant(tenant)) {
      if (!connection.open) continue;
      const { givenGlobals, topic } = connection;
      if (!givenGlobals || connection.wantsGlobals || connection.missedGlobals) {
        this.catchUp(connection);
        continue;
      }
      const news = givenGlobals === fanned ? items : items.filter(({ txid }) => !givenGlobals.covers(txid));
      if (news.length < items.length || connection.format !== 'text') {
        this.sender.send(connection, news);
        written += 1;
        continue;
      }
      let frames = shared.get(topic);
      if (frames === undefined || (frames && this.sender.isStale(frames)))
        shared.set(topic, (frames = this.sender.pack(connection, items)));
      if (!frames) continue;
      this.sender.ship(connection, frames);
      written += 1;
    }
    return written;
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
