// 16 backends that share a process. They push, and insert rows as the reference of what they push: each as fast as it can, one
// after the other, or all of them at a rate.
import pg from 'pg';
import { answerOrders } from '../answer-orders.mjs';
import { ageOf, dated } from '../dated-text.mjs';
import { atRate } from '../load.mjs';
import { PUSH, settled } from '../service.mjs';
import { ApiClient } from './api-client.mjs';

const BACKENDS = 16;
const TEXT = 'The quick brown fox jumps over the lazy dog';

let api;
let pool;
let stopped;

answerOrders({
  async use({ url, key, databaseUrl }) {
    api = new ApiClient(url, key);
    pool = new pg.Pool({ connectionString: databaseUrl, max: BACKENDS });
    await pool.query(
      'CREATE TABLE IF NOT EXISTS bench_reference (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipient text NOT NULL, message text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())',
    );
  },

  /** Bare INSERTs of a row each, for so long; gives how many, and how many a second. */
  insert: ({ seconds }) => repeat(seconds, (i) => insert(`recipient-${i}`, TEXT)),

  /** Backend `i` pushes to the recipients `groups[i]`. The clock stops when all is DELIVERED in the database. */
  push: ({ groups, seconds }) =>
    repeat(
      seconds,
      (i) => push(groups[i], TEXT),
      () => settled(pool),
    ),

  /** Bare INSERTs, so many a second; gives how long each took, in milliseconds. */
  async insertAtRate({ rate, seconds }) {
    const latencies = [];
    await atRate(rate, rate * seconds, async (i) => {
      const text = dated(TEXT);
      await insert(`recipient-${i}`, text);
      latencies.push(ageOf(text));
    });
    return latencies;
  },

  /** Pushes to one recipient each, so many a second, until `stop` unless told how long; gives how many. The texts are dated. */
  pushAtRate({ recipients, rate, seconds }) {
    stopped = false;
    return atRate(
      rate,
      rate * (seconds ?? Infinity),
      (i) => push([recipients[i % recipients.length]], dated(TEXT)),
      () => !stopped,
    );
  },
  stop() {
    stopped = true;
  },

  /** Pushes as fast as it can to `atOnce` recipients each, of whom some are connected; the others are new in each push of each round. */
  async flood({ round, mutations, atOnce, connected }) {
    let next = 0;
    await all(async () => {
      while (next < mutations) {
        const number = next++;
        const away = Array.from({ length: atOnce - connected.length }, (_, i) => `away-${round}-${number}-${i}`);
        await push([...connected, ...away], TEXT);
      }
    });
  },

  /** Pushes the texts to a recipient. Each backend takes every 16th, and pushes one after the other. */
  pushTexts: ({ recipient, texts }) =>
    all(async (i) => {
      for (let next = i; next < texts.length; next += BACKENDS) await push([recipient], texts[next]);
    }),
});

function push(recipients, message) {
  return api.graphql(PUSH, { input: { recipients, message } });
}

function insert(recipient, text) {
  return pool.query({
    name: 'reference',
    text: 'INSERT INTO bench_reference (recipient, message) VALUES ($1, $2)',
    values: [recipient, text],
  });
}

/** Every backend does its work again and again for so long, and `finish` comes behind it. */
async function repeat(seconds, work, finish = async () => undefined) {
  let count = 0;
  const start = performance.now();
  const end = start + seconds * 1_000;
  await all(async (i) => {
    while (performance.now() < end) {
      await work(i);
      count += 1;
    }
  });
  await finish();
  return { count, rate: count / ((performance.now() - start) / 1_000) };
}

function all(work) {
  return Promise.all(Array.from({ length: BACKENDS }, (_, i) => work(i)));
}
