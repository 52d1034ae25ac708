import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { BadUserInputError, RateLimitedError, UnavailableError } from '../graphql/errors.js';

/** PostgreSQL has ended a statement that took too long. */
const QUERY_CANCELED = '57014';
/** Who waited this long, in milliseconds, is sent away: whoever asked may be gone, and a database that is away answers nobody. */
const PATIENCE = 30_000;

interface Waiting {
  readonly since: number;
  readonly begin: () => void;
  readonly giveUp: (error: UnavailableError) => void;
}

/**
 * Where the readings of pages wait. A page may take long, since a filter can match few of many rows; so at most a quarter of the
 * connections to the database reads pages, one for each tenant, and tenants take turns: a push never waits for a page, nor one
 * tenant for the other.
 */
@Injectable()
export class Readings {
  private readonly most: number;
  /** Who waits, by tenant; the tenant whose turn is next stands first. */
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly busy = new Set<string>();

  constructor(private readonly settings: Settings) {
    this.most = Math.max(1, Math.floor(settings.databasePoolSize / 4));
  }

  /**
   * Does `work` when it is the tenant's turn.
   * @throws RateLimitedError when too many of the tenant wait, UnavailableError when its turn comes too late, BadUserInputError
   * when it takes too long
   */
  async run<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    await this.turn(tenant);
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
      throw new BadUserInputError(
        'filter: the query took longer than QUERY_TIMEOUT. Narrow it, for instance by recipient or by a range of createdAt.',
        'filter',
      );
    } finally {
      this.busy.delete(tenant);
      this.next();
    }
  }

  /** Resolves when it is the tenant's turn, which then is busy. */
  private async turn(tenant: string): Promise<void> {
    if (!this.busy.has(tenant) && this.busy.size < this.most) {
      this.busy.add(tenant);
      return;
    }
    const line = this.waiting.get(tenant) ?? [];
    if (line.length >= this.settings.maxWaitingQueries) throw new RateLimitedError('queries that wait', 1);
    this.waiting.set(tenant, line);
    await new Promise<void>((begin, giveUp) => line.push({ since: performance.now(), begin, giveUp }));
  }

  private next(): void {
    for (const [tenant, line] of this.waiting) {
      if (this.busy.size >= this.most) return;
      if (this.busy.has(tenant)) continue;
      // Behind the others for the next time.
      this.waiting.delete(tenant);
      const first = dropLate(line);
      if (!first) continue;
      if (line.length > 0) this.waiting.set(tenant, line);
      this.busy.add(tenant);
      first.begin();
    }
  }
}

/** Takes the first from the line that has not waited too long, and sends away those before it. */
function dropLate(line: Waiting[]): Waiting | undefined {
  const end = performance.now() - PATIENCE;
  for (let one = line.shift(); one; one = line.shift()) {
    if (one.since > end) return one;
    one.giveUp(new UnavailableError());
  }
  return undefined;
}
