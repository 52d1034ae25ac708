// What an installation has used: processor time of each of its processes, and what PostgreSQL and Redis have counted.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ownProcessorTime, processorTime } from './usage.mjs';

/** An idle session of PostgreSQL tells what it has counted up to 10 s later. */
const STATISTICS_DELAY = 11_000;

const COUNTS = `
  SELECT (SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database())::float8 AS transactions,
    pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS writes,
    (pg_current_wal_insert_lsn() - '0/0')::float8 AS "walBytes", (SELECT wal_fpi FROM pg_stat_wal)::float8 AS "walPages",
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())::float8 AS sessions,
    (SELECT coalesce(sum(n_tup_upd), 0) FROM pg_stat_user_tables WHERE relname = 'messages')::float8 AS updates,
    (SELECT coalesce(sum(n_tup_hot_upd), 0) FROM pg_stat_user_tables WHERE relname = 'messages')::float8 AS "hotUpdates"`;

/** Reads what the nodes (`{ name: process }`), the database that the first service brought and Redis have used so far. */
export class Meter {
  /** @param first the service whose child the database is */
  constructor(first, nodes, redis = null) {
    this.pool = new pg.Pool({ connectionString: first.databaseUrl, max: 1 });
    this.first = first.child.pid;
    this.nodes = nodes;
    this.redis = redis;
  }

  /** Processor time in microseconds, and counts. What is counted late is not waited for. */
  async look() {
    const { rows } = await this.pool.query(COUNTS);
    const nodes = Object.entries(this.nodes).map(([name, { child }]) => [`cpu.${name}`, ownProcessorTime(child.pid)]);
    return {
      seconds: performance.now() / 1_000,
      ...Object.fromEntries(nodes),
      'cpu.database': processorTime(this.first) - ownProcessorTime(this.first),
      ...rows[0],
      ...(this.redis && (await redisCounts(this.redis))),
    };
  }

  /** What `work` used, and a stretch of `rest` seconds after it, in which late work and late counts come in. */
  async of(work, rest = 0) {
    const before = await this.look();
    await work();
    await pause(Math.max(rest * 1_000, STATISTICS_DELAY));
    const after = await this.look();
    return Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]]));
  }

  /** What is used each second while nothing is done. Waits first until what was done before has been counted. */
  async idle(seconds) {
    await pause(STATISTICS_DELAY);
    const used = await this.of(() => undefined, seconds);
    return Object.fromEntries(Object.entries(used).map(([key, value]) => [key, value / used.seconds]));
  }

  stop() {
    return this.pool.end();
  }
}

/** The same without what would have been used anyway. */
export function beyondIdle(used, idle) {
  return Object.fromEntries(Object.entries(used).map(([key, value]) => [key, value - (idle[key] ?? 0) * used.seconds]));
}

async function redisCounts({ pid, probe }) {
  const info = await probe.info();
  const number = (key) => Number(new RegExp(`^${key}:(\\d+)`, 'm').exec(info)[1]);
  return {
    'cpu.redis': processorTime(pid),
    commands: number('total_commands_processed'),
    redisMemory: number('used_memory'),
    redisBytes: number('total_net_output_bytes'),
  };
}
