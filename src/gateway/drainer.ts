import { Injectable } from '@nestjs/common';
import { Lane } from '../database/lane.js';
import type { InboxItem, InboxPage } from '../delivery/inbox.js';
import { InboxRepository } from '../delivery/inbox.repository.js';
import { ProofLedger } from '../delivery/proof-ledger.js';
import type { Snapshot } from '../delivery/snapshot.js';
import { Log } from '../log/log.js';
import { Metrics } from '../metrics/metrics.js';
import type { Connection } from './connection.js';
import { GlobalFeeds } from './global-feeds.js';
import { Sender } from './sender.js';

/** Connections whose inboxes are read by one statement; fewer where each may well have as much to read as a statement brings. */
const BATCH = 256;
const PAGES_BATCH = 32;
/** Connections that are looked after by one statement, which mostly finds nothing. */
const LOOKS_BATCH = 1_024;
/** News are read at most once in so many milliseconds, and the backlogs of those who connect: the more there are, the more share a statement. */
const NEWS_STEP = 3;
const BACKLOGS_STEP = 10;
const RETRY_DELAY = 1_000;

/** What was read for a connection, and those of its items that it is to get. */
interface Delivery {
  readonly connection: Connection;
  readonly page: InboxPage;
  readonly items: readonly InboxItem[];
}

/**
 * Drains inboxes into connections: the one way in which messages to recipients are delivered. Connecting, a push, a
 * retry and the reconciler all lead here, so that order, repeats and recovery are solved once.
 *
 * A connection is read for by one statement at a time, page after page, and a page is on the wire before the next is
 * read. A new connection reads its backlog: what is PENDING. From then on it reads its news: what became visible since
 * the snapshot of its last reading, whatever its status, since another connection may have proven it in the meantime.
 */
@Injectable()
export class Drainer {
  private readonly log = new Log(Drainer.name);
  /** News wait neither for backlogs nor for the many pages of others; nor does who is looked after, and may have news meanwhile. */
  private readonly news = this.lane(BATCH, NEWS_STEP);
  private readonly backlogs = this.lane(BATCH, BACKLOGS_STEP);
  private readonly rechecks = this.lane(BATCH);
  private readonly pages = this.lane(PAGES_BATCH);
  private readonly looks = new Lane<Connection>(
    (waiting) => waiting.splice(0, LOOKS_BATCH),
    (connections) => this.look(connections),
  );
  /** Those that wait in it, or to be looked after again. */
  private readonly looking = new Set<Connection>();

  constructor(
    private readonly inbox: InboxRepository,
    private readonly ledger: ProofLedger,
    private readonly feeds: GlobalFeeds,
    private readonly sender: Sender,
    private readonly metrics: Metrics,
  ) {}

  /** There may be news for the connection. */
  wake(connection: Connection): void {
    if (connection.busy) connection.woken = true;
    else this.enqueue(connection);
  }

  /** Looks whether there is anything that the connection should have, whatever events were lost, and reads it if so. */
  lookAfter(connection: Connection): void {
    if (!connection.live) this.wake(connection);
    else if (!this.looking.has(connection)) {
      this.looking.add(connection);
      this.looks.add(connection);
    }
  }

  private async look(connections: readonly Connection[]): Promise<void> {
    for (const connection of connections) this.looking.delete(connection);
    try {
      const open = connections.filter((connection) => connection.open);
      const { pending, news } = await this.inbox.look(
        open.map(({ tenant, recipient, topic, given }) => ({ tenant, recipient, topic, since: given as Snapshot })),
      );
      for (const i of pending) this.recheck(open[i] as Connection);
      for (const i of news) this.wake(open[i] as Connection);
    } catch (error) {
      this.metrics.inboxErrors.add();
      this.log.write('inbox.unreadable', `Inboxes can't be looked into; trying again in ${RETRY_DELAY} ms`, { error });
      // Whoever was to be looked after meanwhile is so once for both.
      const again = connections.filter((connection) => connection.open && !this.looking.has(connection));
      for (const connection of again) this.looking.add(connection);
      setTimeout(() => again.forEach((connection) => this.looks.add(connection)), RETRY_DELAY).unref();
    }
  }

  /** Reads what is PENDING although a quiet connection should have it. */
  private recheck(connection: Connection): void {
    if (connection.busy || connection.unproven) return;
    connection.wantsBacklog = true;
    this.enqueue(connection);
  }

  private lane(batch: number, step = 0): Lane<Connection> {
    return new Lane(
      (waiting) => waiting.splice(0, batch).filter(({ open }) => open),
      (connections) => this.drain(connections),
      step,
    );
  }

  private enqueue(connection: Connection): void {
    connection.busy = true;
    this.laneFor(connection).add(connection);
  }

  private laneFor({ reading, wantsBacklog, live }: Connection): Lane<Connection> {
    if (reading) return this.pages;
    if (!wantsBacklog) return this.news;
    return live ? this.rechecks : this.backlogs;
  }

  private async drain(batch: readonly Connection[]): Promise<void> {
    const backlog = batch.filter(({ wantsBacklog }) => wantsBacklog);
    const news = batch.filter(({ wantsBacklog }) => !wantsBacklog);
    await Promise.all([
      this.attempt(backlog, () => this.readBacklog(backlog)),
      this.attempt(news, () => this.readNews(news)),
    ]);
  }

  private async attempt(connections: readonly Connection[], read: () => Promise<Delivery[]>): Promise<void> {
    if (connections.length === 0) return;
    let deliveries: Delivery[];
    try {
      deliveries = await read();
    } catch (error) {
      this.metrics.inboxErrors.add();
      this.log.write('inbox.unreadable', `Inboxes can't be read; trying again in ${RETRY_DELAY} ms`, { error });
      setTimeout(() => connections.forEach((connection) => this.enqueue(connection)), RETRY_DELAY).unref();
      return;
    }
    // Those that the statement did not come to are read for first the next time.
    const isUnreached = ({ page }: Delivery) => page.more && page.items.length === 0;
    for (const delivery of deliveries) if (isUnreached(delivery)) this.deliver(delivery);
    for (const delivery of deliveries) if (!isUnreached(delivery)) this.deliver(delivery);
  }

  private async readBacklog(connections: readonly Connection[]): Promise<Delivery[]> {
    const pages = await this.inbox.backlog(
      connections.map(({ tenant, recipient, topic, reading, given, opened }) => ({
        tenant,
        recipient,
        topic,
        after: reading?.after ?? 0,
        until: reading?.until ?? given,
        since: given ? null : (opened?.snapshot ?? null),
        globals: given === null,
        openedAt: opened?.at ?? null,
      })),
    );
    return connections.map((connection, i) => {
      const page = pages[i] as InboxPage;
      return { connection, page, items: page.items.filter((item) => !this.provenBefore(connection, item)) };
    });
  }

  /** What was proven here and is still being recorded is PENDING for the database alone. */
  private provenBefore({ given, opened, recipient }: Connection, { seq, txid, global }: InboxItem): boolean {
    const isProven = global ? this.ledger.holdsGlobal(seq, recipient) : this.ledger.holds(seq);
    return isProven && ((given ?? opened?.snapshot)?.covers(txid) ?? false);
  }

  private async readNews(connections: readonly Connection[]): Promise<Delivery[]> {
    for (const connection of connections) {
      // What was missed since a reading began lies beyond it.
      if (connection.reading) continue;
      connection.wantsGlobals ||= connection.missedGlobals;
      connection.missedGlobals = false;
    }
    const groups = groupByNews(connections);
    const pages = await this.inbox.news(
      groups.map(([{ tenant, recipient, topic, reading, given, wantsGlobals }]) => ({
        tenant,
        recipient,
        topic,
        after: reading?.after ?? 0,
        until: reading?.until ?? null,
        globals: wantsGlobals,
        since: given as Snapshot,
      })),
    );
    return groups.flatMap((group, i) => {
      const page = pages[i] as InboxPage;
      return group.map((connection) => ({ connection, page, items: page.items }));
    });
  }

  private deliver({ connection, page, items }: Delivery): void {
    if (!connection.open) return;
    this.sender.send(connection, items);
    // One that is live looks for what is left of what it has been given; the rest is news.
    const first = connection.wantsBacklog ? (connection.given ?? page.snapshot) : page.snapshot;
    const until = connection.reading?.until ?? first;
    const after = page.items.at(-1)?.seq ?? connection.reading?.after ?? 0;
    connection.reading = page.more ? { until, after } : null;
    if (!connection.reading) this.finish(connection, until);
    connection.whenReady(() => this.next(connection));
  }

  private finish(connection: Connection, until: Snapshot): void {
    if (connection.wantsBacklog) this.finishBacklog(connection, until);
    else this.finishNews(connection, until);
  }

  private finishBacklog(connection: Connection, until: Snapshot): void {
    connection.wantsBacklog = false;
    if (connection.live) return;
    connection.given = until;
    connection.givenGlobals = until;
    this.joinFeed(connection);
  }

  private finishNews(connection: Connection, until: Snapshot): void {
    connection.given = until;
    if (!connection.wantsGlobals) return;
    connection.wantsGlobals = false;
    connection.givenGlobals = until;
    this.joinFeed(connection);
  }

  /** Global messages may have been fanned out since the connection's reading began; then it reads once more. */
  private joinFeed(connection: Connection): void {
    if (this.feeds.join(connection)) return;
    connection.missedGlobals = true;
    connection.woken = true;
  }

  private next(connection: Connection): void {
    if (connection.reading || connection.woken) {
      if (!connection.reading) connection.woken = false;
      this.enqueue(connection);
    } else {
      connection.busy = false;
    }
  }
}

/** Connections of one recipient that have been given the same are read for once. */
function groupByNews(connections: readonly Connection[]): [Connection, ...Connection[]][] {
  const groups = new Map<string, [Connection, ...Connection[]]>();
  for (const connection of connections) {
    const { tenant, recipient, given, reading, wantsGlobals } = connection;
    const key = [tenant, recipient, given?.text, reading?.until.text, reading?.after, wantsGlobals].join('\u0000');
    const group = groups.get(key);
    if (group) group.push(connection);
    else groups.set(key, [connection]);
  }
  return [...groups.values()];
}
