import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveOf, putBack } from '../../src/database/archive.js';
import { DataSource, dataSourceOptions, migrate } from '../../src/database/data-source.js';
import { createDatabase } from '../support/database.js';

/** More than one batch of rows is read, and more than one inserted. */
const ROWS = 450;
const LONG = 'x'.repeat(8_000);

/** What the whole of an archive is, cut into pieces of a few bytes, as a file may come. */
async function* pieces(text: string, size = 65_521): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

describe('an archive', () => {
  let from: DataSource;
  let to: DataSource;
  let archive: string;
  const rowsOf = (dataSource: DataSource, table: string, key: string) =>
    dataSource.query<object[]>(`SELECT to_jsonb(t) - 'txid' AS row FROM ${table} t ORDER BY ${key}`);

  beforeAll(async () => {
    const url = await createDatabase(`test_${randomBytes(6).toString('hex')}`);
    const open = async (namespace: string) => {
      const options = dataSourceOptions(url, { databasePoolSize: 2, namespace });
      await migrate(options);
      return new DataSource(options).initialize();
    };
    [from, to] = [await open('homing'), await open('other')];
    await from.query(`
      INSERT INTO access_keys (prefix, hash, tenant, name, scopes, created_at, last_used_at)
      VALUES ('p', 'h', 'acme', 'a "key"', ARRAY['one', 'two, and {three}'], '2026-01-01T00:00:00.123Z', NULL)`);
    await from.query(
      `
      INSERT INTO messages (tenant, recipient, topic, message, status, created_at, delivered_at, txid)
      SELECT 'acme', 'r' || i, nullif(i % 3, 0), E'\\u2028\\r\\n\\t\\\\"😀' || i || $1, 'DELIVERED', now(), now(), 4711
      FROM generate_series(1, ${ROWS}) i`,
      [LONG],
    );
    await from.query(`SELECT setval('homing_seq', 9007199254740993)`);
    archive = '';
    for await (const lines of archiveOf(from)) archive += lines;
  });
  afterAll(async () => {
    await from?.destroy();
    await to?.destroy();
  });

  it('that is cut short, damaged, of another version or no archive at all leaves nothing behind', async () => {
    const lines = archive.split('\n');
    const end = lines.findIndex((line) => line.startsWith('end '));
    for (const [text, sentence] of [
      [archive.slice(0, -1), /damaged or cut short/],
      [lines.toSpliced(end).join('\n'), /damaged or cut short/],
      [lines.toSpliced(2, 1).join('\n'), /damaged or cut short/],
      [`${archive}${lines[1]}\n`, /damaged or cut short/],
      [archive.replace(/^homing .*/, 'homing {"schema":"Later1","sequence":"1"}'), /another version/],
      ['{"messages": []}\n', /no archive/],
      ['', /damaged or cut short/],
    ] as [string, RegExp][]) {
      await expect(putBack(to, pieces(text))).rejects.toThrow(sentence);
      expect(await rowsOf(to, 'messages', 'seq')).toEqual([]);
    }
  });

  it('gives the very same rows, older than any transaction, and numbers go on behind them', async () => {
    expect(await putBack(to, pieces(archive))).toMatchObject({ access_keys: 1, messages: ROWS });
    for (const [table, key] of [
      ['access_keys', 'id'],
      ['messages', 'seq'],
    ] as const)
      expect(await rowsOf(to, table, key)).toEqual(await rowsOf(from, table, key));
    expect(await to.query(`SELECT DISTINCT txid::int FROM messages`)).toEqual([{ txid: 0 }]);
    expect(await to.query(`SELECT nextval('homing_seq')`)).toEqual([{ nextval: '9007199254740994' }]);
  });

  it('is not put into a database that holds something', async () => {
    await expect(putBack(to, pieces(archive))).rejects.toThrow(/not empty: there are rows in access_keys/);
  });
});
