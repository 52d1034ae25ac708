// A database in a folder of its own, seen from outside: its processes, and its tables by a session of our own.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const QUEUE_SCHEMA = 'homing_queue';
/** BullMQ's record of the tables that it has made. Without it they would be made again, beside themselves. */
const QUEUE_MIGRATIONS = 'migration';

/** Every change of a status is written down by the database itself, in the transaction that makes it. */
const AUDIT = `
  CREATE TABLE IF NOT EXISTS crash_audit (
    entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL, old text NOT NULL, new text NOT NULL);
  CREATE OR REPLACE FUNCTION crash_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO crash_audit (id, old, new) VALUES (OLD.id, OLD.status, NEW.status); RETURN NULL; END $$;
  CREATE OR REPLACE TRIGGER crash_audit AFTER UPDATE ON messages FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION crash_audit()`;

export class DatabaseProcess {
  #dataDir;

  constructor(dataDir) {
    this.#dataDir = dataDir;
  }

  /** The pid of the server; null when none runs for this folder. */
  get pid() {
    const pid = Number(this.#postmasterFile()?.[0]);
    return pid && command(pid).includes(join(this.#dataDir, 'postgres')) ? pid : null;
  }

  /** Kills the server. Its processes notice that and end by themselves, or are killed too. Gives whether there was one. */
  kill({ withChildren }) {
    const { pid } = this;
    if (pid === null) return false;
    for (const victim of [pid, ...(withChildren ? children(pid) : [])]) signal(victim, 'SIGKILL');
    return true;
  }

  /** Stops the server in order, though clients are connected. Gives whether there was one. */
  restart() {
    const { pid } = this;
    if (pid !== null) signal(pid, 'SIGINT');
    return pid !== null;
  }

  /** The server and all its processes stand still. Gives what makes them go on; null when there is no server. */
  pause() {
    const { pid } = this;
    if (pid === null) return null;
    const all = [pid, ...children(pid)];
    for (const one of all) signal(one, 'SIGSTOP');
    return () => {
      for (const one of all) signal(one, 'SIGCONT');
    };
  }

  /** Kills the server for good, when the run is over. */
  async end() {
    for (let tries = 0; this.kill({ withChildren: true }) && tries < 100; tries += 1) await pause(50);
  }

  async installAudit() {
    await this.query(AUDIT);
  }

  /** Empties every table of the queue, jobs, schedules and all, under the feet of the running service. */
  async emptyQueue() {
    const rows = await this.query('SELECT tablename FROM pg_tables WHERE schemaname = $1', [QUEUE_SCHEMA]);
    const tables = rows.map(({ tablename }) => tablename).filter((name) => name !== QUEUE_MIGRATIONS);
    await this.query(`TRUNCATE ${tables.map((name) => `${QUEUE_SCHEMA}."${name}"`).join(', ')} CASCADE`);
  }

  /** Removes the queue altogether. */
  async dropQueue() {
    await this.query(`DROP SCHEMA IF EXISTS ${QUEUE_SCHEMA} CASCADE`);
  }

  audit() {
    return this.query('SELECT id, old, new FROM crash_audit ORDER BY entry');
  }

  /** Rows of global messages that a recipient has more than one of, read from the table itself and not from the unique index. */
  async doubledGlobals() {
    return this.query(
      `SELECT g.id AS "globalMessageId", d.recipient, count(*)::int AS rows
         FROM global_deliveries d JOIN global_messages g ON g.seq = d.global_seq GROUP BY 1, 2 HAVING count(*) > 1`,
      [],
      '-c enable_indexscan=off -c enable_indexonlyscan=off -c enable_bitmapscan=off',
    );
  }

  async query(text, values, options) {
    const session = new pg.Client({
      connectionString: this.#url(),
      connectionTimeoutMillis: 2_000,
      lock_timeout: 3_000,
      options,
    });
    session.on('error', () => undefined);
    await session.connect();
    try {
      return (await session.query(text, values)).rows;
    } finally {
      await session.end().catch(() => undefined);
    }
  }

  #url() {
    const password = readFileSync(join(this.#dataDir, 'secrets', 'postgres-password'), 'utf8').trim();
    return `postgres://homing:${password}@127.0.0.1:${this.#postmasterFile()?.[3]}/homing`;
  }

  #postmasterFile() {
    try {
      return readFileSync(join(this.#dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    } catch {
      return null;
    }
  }
}

function children(pid) {
  return lines('ps', ['-A', '-o', 'pid=,ppid='])
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child);
}

function command(pid) {
  return lines('ps', ['-ww', '-o', 'command=', '-p', String(pid)])[0] ?? '';
}

function lines(program, args) {
  try {
    const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return text.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
