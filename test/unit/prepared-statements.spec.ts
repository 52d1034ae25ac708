import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataSourceOptions, migrate } from '../../src/database/data-source.js';
import type { PreparedStatement } from '../../src/database/prepared-statement.js';
import { BACKLOG, GLOBAL_NEWS, NEWS, SNAPSHOT } from '../../src/delivery/inbox.sql.js';
import { MOVE, PRESENT } from '../../src/relay/presences.sql.js';
import { createDatabase } from '../support/database.js';

/** Runs after which PostgreSQL decides whether to keep a plan. */
const TRIALS = 5;

describe('a statement on the path of a message', () => {
  let client: Client;

  beforeAll(async () => {
    const url = await createDatabase(`plans_${randomBytes(6).toString('hex')}`);
    await migrate(dataSourceOptions(url, { databasePoolSize: 2, namespace: 'homing' }));
    client = new Client({ connectionString: url });
    await client.connect();
  });
  afterAll(() => client.end());

  const of = <T>(count: number, value: T) => Array.from({ length: count }, () => value);
  const news = (count: number) => [
    of(count, 'acme'),
    of(count, 'ann'),
    of(count, '0'),
    of(count, null),
    of(count, true),
    of(count, '700:700:'),
    of(count, '700'),
  ];

  it.each<[string, PreparedStatement<object>, (count: number) => unknown[]]>([
    ['BACKLOG', BACKLOG, (count) => [...news(count), of(count, 'topic'), of(count, new Date())]],
    ['NEWS', NEWS, news],
    ['GLOBAL_NEWS', GLOBAL_NEWS, () => ['acme', '700:700:', '700', '0', null]],
    ['SNAPSHOT', SNAPSHOT, () => []],
    ['PRESENT', PRESENT, (count) => [of(count, 'acme'), of(count, 'ann'), 'node']],
    ['MOVE', MOVE, (count) => ['node', of(count, 'acme'), of(count, 'ann'), [], []]],
  ])('is not planned anew for each run: %s', async (_, statement, values) => {
    const { name, text } = statement as unknown as { readonly name: string; readonly text: string };
    const plans = async () => {
      const { rows } = await client.query('SELECT custom_plans AS each FROM pg_prepared_statements WHERE name = $1', [
        name,
      ]);
      return Number(rows[0].each);
    };
    for (let run = 0; run < 2 * TRIALS; run += 1) await client.query({ name, text, values: values(1) });
    const before = await plans();
    expect(before).toBeLessThanOrEqual(TRIALS);
    for (const count of [1, 2, 256]) await client.query({ name, text, values: values(count) });
    expect(await plans()).toBe(before);
  });
});
