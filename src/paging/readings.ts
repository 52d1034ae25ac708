import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { BadUserInputError, RateLimitedError, UnavailableError } from '../graphql/errors.js';
import { Turns } from '../graphql/turns.js';

/** PostgreSQL has ended a statement that took too long. */
const QUERY_CANCELED = '57014';
/** How long a page waits for its turn, in milliseconds: whoever asked may be gone, and a database that is away answers nobody. */
const PATIENCE = 30_000;

/**
 * Where the readings of pages wait. A page may take long, since a filter can match few of many rows; so at most a quarter of the
 * connections to the database reads pages, one for each tenant, and tenants take turns: a push never waits for a page, nor one
 * tenant for the other.
 */
@Injectable()
export class Readings {
  private readonly turns: Turns;

  constructor({ databasePoolSize, maxWaitingQueries }: Settings) {
    this.turns = new Turns({
      atOnce: Math.max(1, Math.floor(databasePoolSize / 4)),
      waiting: maxWaitingQueries,
      patience: PATIENCE,
      tooMany: () => new RateLimitedError('queries that wait', 1),
      late: () => new UnavailableError(),
    });
  }

  /**
   * Does `work` when it is the tenant's turn.
   * @throws RateLimitedError when too many of the tenant wait, UnavailableError when its turn comes too late, BadUserInputError
   * when it takes too long
   */
  async run<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    await this.turns.take(tenant);
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
      throw new BadUserInputError(
        'filter: the query took longer than QUERY_TIMEOUT. Narrow it, for instance by recipient or by a range of createdAt.',
        'filter',
      );
    } finally {
      this.turns.end(tenant);
    }
  }
}
