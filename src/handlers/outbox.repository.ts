import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Lane } from '../database/lane.js';
import { type HandledEvent, HandledEvents } from '../events/handled-events.js';
import { Log } from '../log/log.js';
import { LogThrottle } from '../log/log-throttle.js';
import { Metrics } from '../metrics/metrics.js';

/** An event that waits for its durable handlers. */
export interface OutboxRow {
  /** The name of its class. */
  readonly event: string;
  readonly data: object;
  /** Tells it from all others, also from one with the same number in a database that is put in the place of this one. */
  readonly id: string;
}

/** Events at most of a statement that puts them in, and of those that wait for it. */
const PUT_BATCH = 1_000;
const PUT_WAITING = 10_000;
/** Events at most that are moved together, and bytes of them: a push may be to thousands. */
const MOVE_BATCH = 200;
const MOVE_BYTES = 1_048_576;
const SAY_AGAIN = 10_000;
/** More than so many are not counted. */
const COUNTED = 100_000;

const PUT = `
  INSERT INTO homing_outbox (event, data) SELECT * FROM unnest($1::text[], $2::jsonb[])`;

// Who comes while another one moves rows takes those after them.
const TAKE = `
  SELECT seq, pg_column_size(data) AS size FROM homing_outbox WHERE event = ANY($1::text[])
  ORDER BY seq LIMIT ${MOVE_BATCH} FOR UPDATE SKIP LOCKED`;

const REMOVE = `
  DELETE FROM homing_outbox WHERE seq = ANY($1::bigint[])
  RETURNING event, data, seq || '-' || floor(extract(epoch FROM created_at) * 1000)::bigint AS id`;

const LOOK = `
  SELECT (SELECT count(*)::int FROM (SELECT FROM homing_outbox LIMIT ${COUNTED}) counted) AS events,
    coalesce((SELECT extract(epoch FROM statement_timestamp() - created_at)::float8 FROM homing_outbox ORDER BY seq LIMIT 1), 0) AS age`;

/** The events that wait for durable handlers. Statements elsewhere put most of them in: see `telling`. */
@Injectable()
export class OutboxRepository {
  private readonly log = new Log(OutboxRepository.name);
  private readonly warnings = new LogThrottle(SAY_AGAIN);
  private waiting = 0;
  private readonly puts = new Lane<HandledEvent>(
    (events) => events.splice(0, PUT_BATCH),
    (events) => this.putAll(events),
  );

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly handled: HandledEvents,
    private readonly metrics: Metrics,
  ) {}

  /** Puts in an event that no statement makes true: as soon as the database takes it, and not at all when it does not. */
  put(event: HandledEvent): void {
    if (this.waiting >= PUT_WAITING) return this.lose(1, new Error('too many wait for the database'));
    this.waiting += 1;
    this.puts.add(event);
  }

  /**
   * Gives the oldest events of these classes to `hand`, and removes them when it has them: all of a batch or none. When this
   * process ends in between, they are handed on again.
   * @returns whether there was a whole batch, so that there may be more
   */
  move(names: readonly string[], hand: (rows: readonly OutboxRow[]) => Promise<void>): Promise<boolean> {
    return this.dataSource.transaction(async (manager: EntityManager) => {
      const found = await manager.query<{ seq: string; size: number }[]>(TAKE, [names]);
      if (found.length === 0) return false;
      const some = firstOf(found);
      const [rows] = await manager.query<[OutboxRow[], number]>(REMOVE, [some.map(({ seq }) => seq)]);
      await hand(rows);
      return found.length === MOVE_BATCH || some.length < found.length;
    });
  }

  /** How many events wait, as far as they are counted, and since when the oldest does, in seconds. */
  async look(): Promise<{ readonly events: number; readonly age: number }> {
    const [row] = await this.dataSource.query<{ events: number; age: number }[]>(LOOK);
    return row ?? { events: 0, age: 0 };
  }

  private async putAll(events: readonly HandledEvent[]): Promise<void> {
    try {
      const names = events.map((event) => event.constructor.name);
      await this.dataSource.query(PUT, [names, events.map((event) => JSON.stringify(event))]);
      this.handled.tellKept();
    } catch (error) {
      this.lose(events.length, error);
    } finally {
      this.waiting -= events.length;
    }
  }

  private lose(count: number, error: unknown): void {
    this.metrics.outboxLost.add(count);
    if (this.warnings.isDue())
      this.log.write('outbox.lost', 'Durable handlers miss connections that came or went', { error });
  }
}

/** As many of the first as are moved together, one at least. */
function firstOf<T extends { readonly size: number }>(found: readonly T[]): readonly T[] {
  let bytes = 0;
  const full = found.findIndex(({ size }, i) => (bytes += size) > MOVE_BYTES && i > 0);
  return full === -1 ? found : found.slice(0, full);
}
