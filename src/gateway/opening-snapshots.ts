import { Injectable } from '@nestjs/common';
import { SharedRun } from '../database/shared-run.js';
import type { Opening } from '../delivery/inbox.js';
import { InboxRepository } from '../delivery/inbox.repository.js';
import { Log } from '../log/log.js';

const TIMEOUT = 2_000;
/** Snapshots are taken at most once in so many milliseconds. */
const STEP = 10;

/**
 * What could be seen in the database just before connections opened. All that came later is theirs, even when another
 * connection of the recipient has proven it before they read their backlog.
 */
@Injectable()
export class OpeningSnapshots {
  private readonly log = new Log(OpeningSnapshots.name);
  private readonly taking = new SharedRun(() => this.attempt(), STEP);

  constructor(private readonly inbox: InboxRepository) {}

  /**
   * A snapshot that is taken after this call. Those who ask while one is being taken share the next. Null when the
   * database does not answer: a connection is let in all the same, and gets what is PENDING once it can be read.
   */
  take(): Promise<Opening | null> {
    return this.taking.ask();
  }

  private async attempt(): Promise<Opening | null> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${TIMEOUT} ms`)), TIMEOUT);
    });
    try {
      return await Promise.race([this.inbox.open(), timeout]);
    } catch (error) {
      this.log.write('opening.blind', 'A connection opens without a look into the database', { error });
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}
