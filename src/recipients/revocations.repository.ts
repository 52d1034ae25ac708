import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DatabaseClock } from '../database/database-clock.js';
import { PreparedStatement } from '../database/prepared-statement.js';

/** That a recipient's tokens were revoked: all that were issued until then. */
export interface Revocation {
  readonly tenant: string;
  readonly recipient: string;
  readonly revokedAt: Date;
}

interface Row extends Revocation {
  readonly now: Date;
}

// Never back: when the clock jumped, what was stopped stays stopped.
const ADD = `
  INSERT INTO revocations AS r (tenant, recipient, revoked_at) VALUES ($1, $2, homing_now())
  ON CONFLICT (tenant, recipient) DO UPDATE SET revoked_at = greatest(r.revoked_at, excluded.revoked_at)`;

// A statement may take half a minute from its time to its commit, and the clock may have been set back since the last
// reading: so a minute is read again and again.
const READ = new PreparedStatement<Row>(
  'homing_revocations',
  `SELECT t.now, r.tenant, r.recipient, r.revoked_at AS "revokedAt" FROM (SELECT homing_now() AS now) t
   LEFT JOIN revocations r ON r.revoked_at >= least($1::timestamptz, homing_now()) - interval '1 minute'
   ORDER BY r.revoked_at`,
);

/** The table of revocations. */
@Injectable()
export class RevocationsRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: DatabaseClock,
  ) {}

  /** Revokes all tokens of the recipient that were issued before now. */
  async add(tenant: string, recipient: string): Promise<void> {
    await this.dataSource.query(ADD, [tenant, recipient]);
  }

  /**
   * What was revoked since an earlier reading, oldest first, and at what time this one was made. The clock takes it over.
   * @param patience how long the answer may take, in milliseconds
   */
  async since(
    earlier: Date,
    patience?: number,
  ): Promise<{ readonly readAt: Date; readonly revocations: readonly Revocation[] }> {
    const { rows, sentAt } = await READ.run(this.dataSource, [earlier], patience);
    const [first] = rows;
    if (!first) throw new Error('PostgreSQL gave no time');
    this.clock.observe(first.now, sentAt);
    return { readAt: first.now, revocations: first.tenant === null ? [] : rows };
  }
}
