import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DatabaseError } from 'pg';
import { DataSource } from 'typeorm';
import { Lane } from '../database/lane.js';
import { HandledEvents } from '../events/handled-events.js';
import { MessagesPushed } from '../events/messages-pushed.event.js';
import { expiredInput } from '../graphql/input-limits.js';
import { INSERT, INSERT_AND_KEEP, type Stored } from './message-writer.sql.js';

/** What a push stores: a message for each recipient. Ids and recipients stand in the same order. */
export interface NewMessages {
  readonly tenant: string;
  readonly ids: readonly string[];
  readonly recipients: readonly string[];
  readonly message: string;
  readonly topic: string | null;
  readonly expiresAt: Date | null;
  /** The request that pushes it. */
  readonly requestId?: string | undefined;
}

interface Waiting {
  readonly push: NewMessages;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
}

/** Rows, and bytes of text in them, of a statement at most. A push that is larger goes alone, beside the others. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 1_048_576;
/** Statements begin at least so many milliseconds apart: the busier a node is, the more pushes share one. */
const STEP = 3;
/** A statement keeps the next one waiting this long at most, in milliseconds: one that hangs holds nobody up. */
const PATIENCE = 100;
/** The same for a large push, which takes longer. */
const LARGE_PATIENCE = 2_000;

/** SQLSTATE classes of a mistake in the data itself: the whole statement was undone because of one push. */
const MISTAKE_IN_DATA = /^2[23]/;

/**
 * Stores pushes by group commit: those that arrive while a statement runs share the next one, so that a busy service
 * needs few transactions, and a quiet one makes nobody wait. A large push makes nobody wait either.
 */
@Injectable()
export class MessageWriter {
  private readonly small = this.lane(PATIENCE);
  private readonly large = this.lane(LARGE_PATIENCE);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly handled: HandledEvents,
  ) {}

  /**
   * Stores a push. It is durable when this resolves; when it rejects, none of it is known to be.
   * @throws BadUserInputError when it has expired by the time that it would be stored; then nothing is
   */
  store(push: NewMessages): Promise<Stored> {
    return new Promise((resolve, reject) => {
      const one = { push, resolve, reject };
      (howManyFit([one]) === 0 ? this.large : this.small).add(one);
    });
  }

  private lane(patience: number): Lane<Waiting> {
    return new Lane(
      (waiting) => waiting.splice(0, Math.max(1, howManyFit(waiting))),
      (batch) => this.writeWithin(patience, batch),
      STEP,
    );
  }

  /** Resolves when the batch is written, or when the next one may no longer be kept waiting. */
  private writeWithin(patience: number, batch: readonly Waiting[]): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      void this.write(batch).finally(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    try {
      const stored = await this.insert(batch.map(({ push }) => push));
      for (const { push, resolve, reject } of batch)
        if (push.expiresAt && push.expiresAt <= stored.createdAt) reject(expiredInput());
        else resolve(stored);
    } catch (error) {
      // Nobody may suffer from the push beside his own.
      if (batch.length > 1 && isMistakeInData(error)) for (const one of batch) await this.write([one]);
      else for (const { reject } of batch) reject(error);
    }
  }

  private async insert(pushes: readonly NewMessages[]): Promise<Stored> {
    const keeps = this.handled.keeps(MessagesPushed);
    const values: unknown[] = [
      arrayOf(pushes.flatMap(({ ids }, i) => ids.map(() => i + 1))),
      arrayOf(pushes.flatMap(({ ids }) => ids)),
      pushes.flatMap(({ recipients }) => recipients),
      pushes.map(({ tenant }) => tenant),
      pushes.map(({ topic }) => topic),
      pushes.map(({ message }) => message),
      pushes.map(({ expiresAt }) => expiresAt?.toISOString() ?? null),
    ];
    if (keeps) values.push(pushes.map(({ requestId }) => requestId ?? null));
    const {
      rows: [stored],
    } = await (keeps ? INSERT_AND_KEEP : INSERT).run(this.dataSource, values);
    if (keeps) this.handled.tellKept();
    if (!stored) throw new Error('PostgreSQL stored messages and told nothing of them');
    return stored;
  }
}

/** An array of what needs no quotes, as PostgreSQL reads it: pg looks for characters to escape in each. */
function arrayOf(values: readonly (string | number)[]): string {
  return `{${values.join(',')}}`;
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
