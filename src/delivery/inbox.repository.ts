import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DatabaseClock } from '../database/database-clock.js';
import type { PreparedStatement } from '../database/prepared-statement.js';
import { DatabaseLife } from './database-life.js';
import type {
  BacklogRequest,
  InboxItem,
  InboxPage,
  InboxRequest,
  Look,
  LookRequest,
  NewsRequest,
  Opening,
  Reading,
} from './inbox.js';
import { BACKLOG, GLOBAL_NEWS, type InboxRow, LOOK, NEWS, PAGE_SIZE, SNAPSHOT } from './inbox.sql.js';
import { Snapshot } from './snapshot.js';

/** When the answer took longer, as it does when the database was silent, the time is asked for once more. In milliseconds. */
const WIDEST_SPREAD = 250;

/** Reads inboxes, many in one statement. */
@Injectable()
export class InboxRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: DatabaseClock,
    private readonly life: DatabaseLife,
  ) {}

  /**
   * For each request the messages that a new connection gets: what is PENDING, global messages it may still have, and
   * whatever came since it opened.
   */
  backlog(requests: readonly BacklogRequest[]): Promise<InboxPage[]> {
    return this.read(BACKLOG, requests, [
      requests.map(({ topic }) => topic),
      requests.map(({ openedAt }) => openedAt?.toISOString() ?? null),
    ]);
  }

  /** For each request what an open connection has not been given yet. */
  news(requests: readonly NewsRequest[]): Promise<InboxPage[]> {
    return this.read(NEWS, requests, []);
  }

  /** For which of the requests there may be anything to read. */
  async look(requests: readonly LookRequest[]): Promise<Look> {
    const {
      rows: [row],
      sentAt,
    } = await LOOK.run(this.dataSource, [
      requests.map(({ tenant }) => tenant),
      requests.map(({ recipient }) => recipient),
      requests.map(({ topic }) => topic),
      requests.map(({ since }) => since.text),
      requests.map(({ since }) => since.xmin),
    ]);
    if (!row) throw new Error('PostgreSQL looked for messages and told nothing of them');
    await this.observe(row, sentAt);
    return { pending: row.pending.map((n) => n - 1), news: row.news.map((n) => n - 1) };
  }

  /** What can be seen at this moment, and which it is. */
  async open(): Promise<Opening> {
    const {
      rows: [row],
    } = await SNAPSHOT.run(this.dataSource, []);
    if (!row) throw new Error('PostgreSQL gave no snapshot');
    return { snapshot: Snapshot.parse(row.snapshot), at: row.now };
  }

  /** A tenant's global messages that became visible after `since`, oldest first; a reading goes on where it is. */
  async globalNews(tenant: string, since: Snapshot, reading: Reading | null): Promise<InboxPage> {
    const [page] = await this.query(GLOBAL_NEWS, 1, [
      tenant,
      since.text,
      since.xmin,
      reading?.after ?? 0,
      reading?.until.text ?? null,
    ]);
    return page as InboxPage;
  }

  private async read(
    statement: PreparedStatement<InboxRow>,
    requests: readonly InboxRequest[],
    more: readonly unknown[],
  ): Promise<InboxPage[]> {
    if (requests.length === 0) return [];
    return this.query(statement, requests.length, [
      requests.map(({ tenant }) => tenant),
      requests.map(({ recipient }) => recipient),
      requests.map(({ after }) => after),
      requests.map(({ until }) => until?.text ?? null),
      requests.map(({ globals }) => globals),
      requests.map(({ since }) => since?.text ?? null),
      requests.map(({ since }) => since?.xmin ?? null),
      ...more,
    ]);
  }

  /** By a clock that is seconds ahead, what was read would be taken for expired before it is, and not be sent. */
  private async observe({ now, life }: Pick<InboxRow, 'now' | 'life'>, sentAt: number): Promise<void> {
    this.clock.observe(now, sentAt);
    if (this.clock.spread > WIDEST_SPREAD) await this.clock.sync();
    await this.life.observe(life);
  }

  private async query(
    statement: PreparedStatement<InboxRow>,
    count: number,
    parameters: unknown[],
  ): Promise<InboxPage[]> {
    const { rows, sentAt } = await statement.run(this.dataSource, parameters);
    const [first] = rows;
    if (!first) throw new Error('An inbox statement gave no row for a request');
    await this.observe(first, sentAt);
    const snapshot = Snapshot.parse(first.snapshot);
    // A request without a row is one that the statement did not come to.
    const found = Array.from({ length: count }, () => ({ items: [] as InboxItem[], found: PAGE_SIZE }));
    for (const row of rows) {
      const page = found[Number(row.n) - 1];
      if (!page) continue;
      page.found = Number(row.found ?? 0);
      if (row.seq !== null) page.items.push(toItem(row, row.seq));
    }
    return found.map((page) => ({
      items: page.items,
      snapshot,
      more: page.found === PAGE_SIZE || page.items.length < page.found,
    }));
  }
}

function toItem(row: InboxRow, seq: string): InboxItem {
  return {
    seq: Number(seq),
    id: row.id,
    topic: row.topic,
    text: row.message,
    expiresAt: row.expires_at?.getTime() ?? null,
    createdAt: row.created_at.getTime(),
    txid: Number(row.txid),
    global: row.global,
  };
}
