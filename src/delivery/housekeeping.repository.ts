import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Facts } from '../events/facts.js';
import { HandledEvents } from '../events/handled-events.js';
import { MessageCancelled } from '../events/message-cancelled.event.js';
import { CANCELLED, telling } from '../events/outbox.sql.js';

const BATCH = 1_000;

// Rows that another statement holds are left to it: a proof just being recorded, or a second worker's sweep. Without
// MATERIALIZED the planner may look for the due rows once for each pending one, and pass the limit.
const cancelling = (returned: string) => `
  WITH due AS MATERIALIZED (
    SELECT seq FROM messages WHERE status = 'PENDING' AND expires_at IS NOT NULL AND expires_at <= homing_now()
    ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
  UPDATE messages m SET status = 'CANCELLED', cancelled_at = m.expires_at
  FROM due WHERE m.seq = due.seq AND m.status = 'PENDING'
  RETURNING ${returned}`;

const CANCEL = cancelling('m.seq');

/** The same, where handlers want to know of each. */
const CANCEL_AND_TELL = telling(cancelling(CANCELLED.returned), MessageCancelled.name, CANCELLED.facts, '$1::boolean');

// Walks the table in its own order, oldest first, and removes what is old enough and may go.
const removal = (table: string, mayGo: string) => `
  WITH oldest AS MATERIALIZED (SELECT seq, created_at FROM ${table} WHERE seq > $2 ORDER BY seq LIMIT ${BATCH}),
  removed AS (
    DELETE FROM ${table} t USING oldest o
    WHERE t.seq = o.seq AND t.created_at < homing_now() - $1 * interval '1 millisecond' AND (${mayGo})
    RETURNING t.seq)
  SELECT max(seq) AS last, coalesce(max(created_at) < homing_now() - $1 * interval '1 millisecond', false) AS "mayFollow",
    (SELECT count(*) FROM removed)::int AS removed FROM oldest`;

// A message that can still be delivered stays, however old.
const REMOVE = removal('messages', `t.expires_at IS NULL OR t.expires_at <= homing_now() OR t.status <> 'PENDING'`);

// The record that a recipient has a global message stays as long as that can still be delivered: without it, the recipient would
// get it again. The limit inside keeps the planner from reading all records to find some.
const REMOVE_DELIVERIES = `
  DELETE FROM global_deliveries d USING (
    SELECT o.global_seq, o.recipient FROM global_messages g CROSS JOIN LATERAL (
      SELECT global_seq, recipient FROM global_deliveries WHERE global_seq = g.seq LIMIT ${BATCH}) o
    WHERE g.created_at < homing_now() - $1 * interval '1 millisecond' AND g.deliver_until <= homing_now()
    LIMIT ${BATCH}) old
  WHERE d.global_seq = old.global_seq AND d.recipient = old.recipient`;

// The text of a global message stands here alone: it goes after the last record that shows it.
const REMOVE_GLOBAL = removal(
  'global_messages',
  `t.deliver_until <= homing_now() AND NOT EXISTS (SELECT FROM global_deliveries d WHERE d.global_seq = t.seq)`,
);

// A token that was issued before has expired by now.
const REMOVE_REVOCATIONS = `DELETE FROM revocations WHERE revoked_at < homing_now() - $1 * interval '1 millisecond'`;

/** Expiry and retention, in bounded batches. */
@Injectable()
export class HousekeepingRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly handled: HandledEvents,
  ) {}

  /** Cancels every message that expired undelivered; gives their number. */
  async cancelExpired(): Promise<number> {
    let cancelled = 0;
    for (;;) {
      const count = this.handled.wants(MessageCancelled) ? await this.cancelAndTell() : await this.cancel();
      cancelled += count;
      if (count < BATCH) return cancelled;
    }
  }

  /** Removes messages older than `retention` milliseconds, unless they can still be delivered; gives their number. */
  async removeOld(retention: number): Promise<number> {
    const removed = await this.walk(REMOVE, retention);
    await this.removeDeliveries(retention);
    await this.walk(REMOVE_GLOBAL, retention);
    return removed;
  }

  private async cancel(): Promise<number> {
    const [rows] = await this.dataSource.query<[{ seq: string }[], number]>(CANCEL);
    return rows.length;
  }

  private async cancelAndTell(): Promise<number> {
    const rows = await this.dataSource.query<{ facts: Facts<MessageCancelled> }[]>(CANCEL_AND_TELL, [
      this.handled.keeps(MessageCancelled),
    ]);
    return this.handled.tellAll(MessageCancelled, rows).length;
  }

  private async removeDeliveries(retention: number): Promise<void> {
    for (;;) {
      const began = performance.now();
      const [, removed] = await this.dataSource.query<[unknown[], number]>(REMOVE_DELIVERIES, [retention]);
      if (removed < BATCH) return;
      await yieldTo(began);
    }
  }

  private async walk(statement: string, retention: number): Promise<number> {
    let removed = 0;
    let after = '0';
    for (;;) {
      const began = performance.now();
      const [batch] = await this.dataSource.query<{ last: string | null; mayFollow: boolean; removed: number }[]>(
        statement,
        [retention, after],
      );
      removed += batch?.removed ?? 0;
      if (!batch?.last || !batch.mayFollow) return removed;
      after = batch.last;
      await yieldTo(began);
    }
  }

  /** Removes revocations that stop no token any more, when tokens live for `tokenTtl` milliseconds; 0 is for ever. */
  async removeRevocations(tokenTtl: number): Promise<void> {
    if (tokenTtl > 0) await this.dataSource.query(REMOVE_REVOCATIONS, [tokenTtl]);
  }
}

/** Nobody waits for what began then: it takes half of the time at most, so that a database with one core left serves others in between. */
function yieldTo(began: number): Promise<void> {
  return pause(performance.now() - began, undefined, { ref: false });
}
