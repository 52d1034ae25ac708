import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DatabaseError } from 'pg';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';

/** What a push stores: a message for each recipient. Ids and recipients stand in the same order. */
export interface NewMessages {
  readonly tenant: string;
  readonly ids: readonly string[];
  readonly recipients: readonly string[];
  readonly message: string;
  readonly topic: string | null;
  readonly expiresAt: Date | null;
}

/** When, and by which transaction, messages were stored. */
export interface Stored {
  readonly createdAt: Date;
  readonly txid: string;
}

interface Waiting {
  readonly push: NewMessages;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
}

/** Rows, and bytes of text in them, of a statement at most. A push that is larger goes alone, beside the others. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 1_048_576;
/** A statement keeps the next one waiting this long at most, in milliseconds: one that hangs holds nobody up. */
const PATIENCE = 100;

// A text stands once among the parameters, whatever the number of its recipients.
const INSERT = new PreparedStatement<Stored>(
  'homing_store',
  `
  WITH stored AS (
    INSERT INTO messages (id, tenant, recipient, topic, message, expires_at, created_at, txid)
    SELECT r.id, p.tenant, r.recipient, p.topic, p.message, p.expires_at, homing_now(), pg_current_xact_id()::text::bigint
    FROM unnest($1::int[], $2::uuid[], $3::text[]) AS r(push, id, recipient)
    JOIN unnest($4::text[], $5::text[], $6::text[], $7::timestamptz[]) WITH ORDINALITY
      AS p(tenant, topic, message, expires_at, push) ON p.push = r.push)
  SELECT homing_now() AS "createdAt", pg_current_xact_id()::text AS txid`,
);

/** SQLSTATE classes of a mistake in the data itself: the whole statement was undone because of one push. */
const MISTAKE_IN_DATA = /^2[23]/;

/**
 * Stores pushes by group commit: those that arrive while a statement runs share the next one, so that a busy service
 * needs few transactions, and a quiet one makes nobody wait. A large push makes nobody wait either.
 */
@Injectable()
export class MessageWriter {
  private waiting: Waiting[] = [];
  private writing: Promise<void> | null = null;
  /** The last of the large pushes. They take their turns, so that they can't take all connections to the database. */
  private large: Promise<void> = Promise.resolve();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Stores a push. It is durable when this resolves; when it rejects, none of it is known to be. */
  store(push: NewMessages): Promise<Stored> {
    return new Promise((resolve, reject) => {
      const one = { push, resolve, reject };
      if (howManyFit([one]) === 0) {
        this.large = this.large.then(() => this.write([one]));
        return;
      }
      this.waiting.push(one);
      this.writing ??= this.writeAll().finally(() => (this.writing = null));
    });
  }

  private async writeAll(): Promise<void> {
    // What else is pushed in this turn of the event loop shares the first statement.
    await nextTurn();
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, howManyFit(this.waiting));
      await new Promise<void>((resolve) => {
        const patience = setTimeout(resolve, PATIENCE);
        void this.write(batch).finally(() => {
          clearTimeout(patience);
          resolve();
        });
      });
    }
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    try {
      const stored = await this.insert(batch.map(({ push }) => push));
      for (const { resolve } of batch) resolve(stored);
    } catch (error) {
      // Nobody may suffer from the push beside his own.
      if (batch.length > 1 && isMistakeInData(error)) for (const one of batch) await this.write([one]);
      else for (const { reject } of batch) reject(error);
    }
  }

  private async insert(pushes: readonly NewMessages[]): Promise<Stored> {
    const [stored] = await INSERT.run(this.dataSource, [
      pushes.flatMap(({ ids }, i) => ids.map(() => i + 1)),
      pushes.flatMap(({ ids }) => ids),
      pushes.flatMap(({ recipients }) => recipients),
      pushes.map(({ tenant }) => tenant),
      pushes.map(({ topic }) => topic),
      pushes.map(({ message }) => message),
      pushes.map(({ expiresAt }) => expiresAt?.toISOString() ?? null),
    ]);
    if (!stored) throw new Error('PostgreSQL stored messages and told nothing of them');
    return stored;
  }
}

/** How many of the first pushes go into one statement. */
function howManyFit(waiting: readonly Waiting[]): number {
  let rows = 0;
  let bytes = 0;
  const full = waiting.findIndex(({ push: { recipients, message } }) => {
    rows += recipients.length;
    bytes += recipients.length * message.length;
    return rows > BATCH_ROWS || bytes > BATCH_BYTES;
  });
  return full === -1 ? waiting.length : full;
}

function isMistakeInData(error: unknown): boolean {
  return error instanceof DatabaseError && MISTAKE_IN_DATA.test(error.code ?? '');
}
