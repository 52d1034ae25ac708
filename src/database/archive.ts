import type { DataSource, QueryRunner } from 'typeorm';

/**
 * What an archive holds. Left out is what running nodes say of themselves (`homing_life`, `nodes`, `presences`, `node_reports`,
 * `lookup_answers`), what is on its way to handlers (`homing_outbox`), and the queue, which carries wake-ups: what a lost one was about is
 * found by the reconciler.
 */
const TABLES = ['access_keys', 'revocations', 'global_messages', 'global_deliveries', 'messages'] as const;
/** Numbers of transactions mean nothing to another cluster: 0 is older than everything, as in `RestoredRows`. */
const ELSEWHERE = `'{"txid": 0}'`;
const ROWS_AT_ONCE = 200;
/** So many characters of rows are inserted with one statement, or one row that is longer. */
const BATCH = 1_048_576;

type Table = (typeof TABLES)[number];
/** How many rows of each table there are. */
export type Counts = Record<Table, number>;

/** What the first line says. */
interface Head {
  /** The last migration of the database. */
  readonly schema: string;
  /** The last number that was given to a message. */
  readonly sequence: string;
}

/** What is wrong with an archive, or with the database that it is to go into, in a sentence. */
export class ArchiveError extends Error {}

/**
 * All that an installation keeps, as lines of text: everything that was committed when it began, and nothing later. Others read and
 * write meanwhile. A line is a word and JSON: `homing` and what it is, the table and a row of it, and `end` with the `Counts`.
 */
export async function* archiveOf(dataSource: DataSource): AsyncGenerator<string> {
  const runner = dataSource.createQueryRunner();
  try {
    await begin(runner);
    const head: Head = { schema: await schemaOf(runner), sequence: await sequenceOf(runner) };
    yield line('homing', JSON.stringify(head));
    const counts = noRows();
    for (const table of TABLES) {
      await runner.query(
        `DECLARE archived CURSOR FOR SELECT (to_jsonb(t) || ${ELSEWHERE})::text AS row FROM ${table} t`,
      );
      for (;;) {
        const rows = (await runner.query(`FETCH ${ROWS_AT_ONCE} FROM archived`)) as { row: string }[];
        if (rows.length === 0) break;
        counts[table] += rows.length;
        yield rows.map(({ row }) => line(table, row)).join('');
      }
      await runner.query('CLOSE archived');
    }
    yield line('end', JSON.stringify(counts));
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}

/**
 * Puts an archive into a database that holds nothing yet: all of it or nothing. No node may run on it, since one that does
 * would not learn of the revocations.
 * @throws ArchiveError when the archive is damaged or of another version, or the database holds something.
 */
export async function putBack(dataSource: DataSource, archive: AsyncIterable<Uint8Array>): Promise<Counts> {
  const runner = dataSource.createQueryRunner();
  try {
    await begin(runner);
    await runner.query(`LOCK TABLE ${TABLES.join(', ')} IN EXCLUSIVE MODE`);
    for (const table of TABLES) await expectEmpty(runner, table);
    const counts = await insert(runner, linesOf(archive));
    await runner.commitTransaction();
    return counts;
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}

async function begin(runner: QueryRunner): Promise<void> {
  await runner.startTransaction('REPEATABLE READ');
  await runner.query('SET LOCAL statement_timeout = 0');
  await runner.query('SET LOCAL idle_in_transaction_session_timeout = 0');
}

async function insert(runner: QueryRunner, lines: AsyncIterable<string>): Promise<Counts> {
  const counts = noRows();
  let batch: { table: Table; rows: string[]; size: number } | undefined;
  const flush = async () => {
    if (!batch) return;
    const { table, rows } = batch;
    batch = undefined;
    await runner.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`, [
      `[${rows.join(',')}]`,
    ]);
    counts[table] += rows.length;
  };
  let head: Head | undefined;
  let isWhole = false;
  for await (const text of lines) {
    const [word, json] = split(text);
    if (isWhole) throw damaged();
    if (!head) {
      head = headOf(word, json);
      await expectSchema(runner, head);
    } else if (word === 'end') {
      await flush();
      if (JSON.stringify(counts) !== json) throw damaged();
      await runner.query(`SELECT setval('homing_seq', greatest(last_value, $1::bigint)) FROM homing_seq`, [
        head.sequence,
      ]);
      isWhole = true;
    } else {
      const table = TABLES.find((name) => name === word);
      if (!table) throw damaged();
      if (batch?.table !== table || batch.size + json.length > BATCH) await flush();
      batch ??= { table, rows: [], size: 0 };
      batch.rows.push(json);
      batch.size += json.length;
    }
  }
  // Read to its very end, where the check sum of a compressed one is.
  if (!isWhole) throw damaged();
  return counts;
}

async function expectEmpty(runner: QueryRunner, table: Table): Promise<void> {
  const [{ filled }] = (await runner.query(`SELECT EXISTS (SELECT FROM ${table}) AS filled`)) as [{ filled: boolean }];
  if (filled)
    throw new ArchiveError(
      `The database is not empty: there are rows in ${table}. An archive goes into a new database, or with another NAMESPACE.`,
    );
}

async function expectSchema(runner: QueryRunner, head: Head): Promise<void> {
  if (head.schema !== (await schemaOf(runner)))
    throw new ArchiveError('The archive was made by another version of Homing. Import it with that one, then upgrade.');
}

async function schemaOf(runner: QueryRunner): Promise<string> {
  const [{ name }] = (await runner.query('SELECT name FROM homing_migrations ORDER BY id DESC LIMIT 1')) as [
    { name: string },
  ];
  return name;
}

/** It counts outside of transactions: read once the snapshot is taken, it is no lower than any number of a row. */
async function sequenceOf(runner: QueryRunner): Promise<string> {
  const [{ last }] = (await runner.query('SELECT last_value::text AS last FROM homing_seq')) as [{ last: string }];
  return last;
}

function headOf(word: string, json: string): Head {
  if (word !== 'homing') throw new ArchiveError('The file is no archive of Homing.');
  return JSON.parse(json) as Head;
}

function noRows(): Counts {
  return Object.fromEntries(TABLES.map((table) => [table, 0])) as Counts;
}

function line(word: string, json: string): string {
  return `${word} ${json}\n`;
}

function split(text: string): [word: string, json: string] {
  const space = text.indexOf(' ');
  return [text.slice(0, space), text.slice(space + 1)];
}

/** Lines end at U+000A alone, which JSON escapes. What Node's readline takes for ends may stand in a text. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function damaged(): ArchiveError {
  return new ArchiveError('The archive is damaged or cut short. Nothing was imported.');
}
