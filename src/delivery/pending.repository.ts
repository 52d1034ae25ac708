import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';

/** So many are counted; of more it is told how many there were when PostgreSQL last looked after the index. */
const COUNTED = 100_000;
/** Rows that a statement of the walk reads at most, and statements of one call. */
const BATCH = 10_000;
const BATCHES = 10;
/** The walk leaves out what is younger, in seconds: a message with a lower number may still become visible, from a slow transaction. */
const YOUNG = 60;
/** How long the database may be silent, in milliseconds: a scrape does not wait any longer. */
const PATIENCE = 2_000;

// In the order of the index of backlogs, which has the PENDING ones alone: a table of which many rows changed looks cheaper to read to
// the planner, and has no end.
const COUNT = new PreparedStatement<{ readonly count: number; readonly estimate: number }>(
  'homing_count_pending',
  `
  SELECT count(*)::int AS count, (SELECT reltuples FROM pg_class WHERE oid = to_regclass('messages_backlog'))::float8 AS estimate
  FROM (SELECT FROM messages WHERE status = 'PENDING' ORDER BY tenant, recipient LIMIT ${COUNTED}) pending`,
  PATIENCE,
);

interface Walked {
  /** The last number that was looked at, or null at the end of the table. */
  readonly last: string | null;
  /** The numbers of the first one that is PENDING, and of the first that is young. */
  readonly pending: string | null;
  readonly young: string | null;
  /** How long the first one has been PENDING, in seconds. */
  readonly age: number | null;
}

const WALK = new PreparedStatement<Walked>(
  'homing_walk_pending',
  `
  SELECT max(seq) AS last, min(seq) FILTER (WHERE waits) AS pending, min(seq) FILTER (WHERE age < ${YOUNG}) AS young,
    max(age) FILTER (WHERE waits) AS age
  FROM (
    SELECT seq, age, status = 'PENDING' AND age >= ${YOUNG} AS waits
    FROM (
      SELECT seq, status, extract(epoch FROM homing_now() - created_at)::float8 AS age FROM messages
      WHERE seq > $1 ORDER BY seq LIMIT ${BATCH}) page) aged`,
  PATIENCE,
);

/** Tells what waits for its recipients, at a cost that does not depend on how much is stored. */
@Injectable()
export class PendingRepository {
  /** No message up to this number is PENDING, nor will be. */
  private settled = '0';

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** How many messages to recipients are PENDING: exact up to 100,000, roughly beyond. */
  async count(): Promise<number | null> {
    const {
      rows: [row],
    } = await COUNT.run(this.dataSource, []);
    return row ? (row.count < COUNTED ? row.count : Math.max(row.count, row.estimate)) : null;
  }

  /**
   * How long the oldest message that is PENDING has been so, in seconds; 0 when none has been for a minute. There is no index by age, which
   * each push would pay for. Instead this walks the table once, from where the last call came to: what is not PENDING never
   * becomes it again. Null while a large table is walked for the first time, a part of it at each call.
   */
  async oldest(): Promise<number | null> {
    for (let i = 0; i < BATCHES; i += 1) {
      const began = performance.now();
      const {
        rows: [row],
      } = await WALK.run(this.dataSource, [this.settled]);
      if (!row?.last) return 0;
      const { last, pending, young, age } = row;
      const next = [pending, young].flatMap((seq) => (seq === null ? [] : [Number(seq) - 1]));
      this.settled = next.length > 0 ? String(Math.min(...next)) : last;
      if (pending !== null) return age;
      if (young !== null) return 0;
      // Nobody waits for this but a scrape.
      await pause(performance.now() - began, undefined, { ref: false });
    }
    return null;
  }
}
