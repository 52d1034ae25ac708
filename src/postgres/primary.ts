import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { NoPrimaryError } from './no-primary.error.js';

/** How long a server may take to say whether it takes writes, in milliseconds. */
const PATIENCE = 3_000;
/** How long one is asked alone before the next is asked as well, in milliseconds: nothing comes back from a machine that is gone. */
const HEAD_START = 500;

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** That one of several servers which takes writes. The others follow it, and one of them takes over when it fails. */
export class Primary {
  private searching: Promise<Address> | null = null;

  /** @param servers a URL for each, in the order in which they are asked */
  constructor(private servers: readonly string[]) {}

  /**
   * Asks until one says that it takes writes. Those who look for it while others do share the answer, and no answer is kept: a
   * connection to a server that has stopped to take writes would be of no use for as long as it lasts.
   * @throws NoPrimaryError when none does
   */
  find(): Promise<Address> {
    this.searching ??= this.search().finally(() => (this.searching = null));
    return this.searching;
  }

  private async search(): Promise<Address> {
    const asked: Promise<string>[] = [];
    let found: string | undefined;
    for (const server of this.servers) {
      asked.push(ask(server));
      found = await Promise.race([first(asked), pause(HEAD_START, undefined, { ref: false })]);
      if (found !== undefined) break;
    }
    found ??= await first(asked);
    if (found === undefined) throw new NoPrimaryError(await reasons(asked));
    // Next time it is the first to be asked.
    const primary = found;
    this.servers = [primary, ...this.servers.filter((server) => server !== primary)];
    return addressOf(primary);
  }
}

/** The first that takes writes; undefined when none does. */
function first(asked: readonly Promise<string>[]): Promise<string | undefined> {
  return Promise.any(asked).catch(() => undefined);
}

/** Gives the server back if it takes writes. */
async function ask(server: string): Promise<string> {
  const client = new Client({
    connectionString: server,
    application_name: 'homing search',
    connectionTimeoutMillis: PATIENCE,
    query_timeout: PATIENCE,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
    if (rows[0]?.transaction_read_only !== 'off') throw new Error('it is a standby, or takes no writes');
    return server;
  } finally {
    void client.end().catch(() => undefined);
  }
}

async function reasons(asked: readonly Promise<string>[]): Promise<string[]> {
  const answers = await Promise.allSettled(asked);
  return answers.flatMap((answer) => (answer.status === 'rejected' ? [reasonOf(answer.reason as Error)] : []));
}

function reasonOf({ message, code }: NodeJS.ErrnoException): string {
  return message || code || 'it does not answer';
}

function addressOf(server: string): Address {
  const { host, port } = new Client({ connectionString: server });
  return { host, port };
}
