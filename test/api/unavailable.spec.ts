import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { DeliveryProcessor } from '../../src/delivery/delivery.processor.js';
import { DatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { OPERATION_NAMES, OPERATIONS } from '../support/operations.js';
import { expectNothingOfTheInside } from '../support/refusal.js';
import { type Answer, good, oneProcess, queue, queueIsHere, Service } from '../support/service.js';

const here = queueIsHere && oneProcess('It sets the clock or the time zone of the node, or reads its log.');

describe.runIf(here)('a service whose database is away', () => {
  let proxy: DatabaseProxy;
  let service: Service;
  const lines: string[] = [];
  beforeAll(async () => {
    proxy = await DatabaseProxy.to(inject('databaseUrl'));
    service = await Service.startBehind(proxy.url, { LOG_LEVEL: 'warn' });
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  });
  afterEach(async () => {
    proxy.restore();
    await eventually(async () => good(await service.graphql('{ messages { nextToken } }')));
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await service.stop();
    proxy.close();
  });

  const databaseNames = OPERATION_NAMES.filter((name) => name !== 'registerRecipient');

  it.each(databaseNames)('answers %s with 503, Retry-After and what is known', async (name) => {
    await service.graphql('{ version }');
    proxy.cut();
    lines.length = 0;
    const { query, variables } = OPERATIONS[name];
    const answer = await service.graphql(query, { ...variables, filter: {} });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.errors).toMatchObject([{ path: [name], extensions: { code: 'UNAVAILABLE' } }]);
    expect(answer.errors[0]!.message).toContain(query.startsWith('mutation') ? 'not known whether' : 'Try again');
    expectNothingOfTheInside(answer.text);
    expect(lines.join('')).not.toMatch(/ERROR|at .*[jt]s:\d/);
  });

  it('says so in the log once a second at most, however many ask', async () => {
    await service.graphql('{ version }');
    proxy.cut();
    lines.length = 0;
    const { query, variables } = OPERATIONS.pushMessage;
    // A key is looked up again every few seconds, so that either of them meets the database first.
    const said = () =>
      [/WARN.*The database can't be reached/, /WARN.*An access key could not be read/].map((expected) =>
        lines.filter((line) => expected.test(line)),
      );
    const began = performance.now();
    let asked = 0;
    // The second line of one of them shows that it does not fall silent for good.
    await eventually(async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => service.graphql(query, variables)));
      expect(answers.every(({ status }) => status === 503)).toBe(true);
      asked += answers.length;
      expect(Math.max(...said().map(({ length }) => length))).toBeGreaterThan(1);
    });
    const most = Math.ceil((performance.now() - began) / 1_000) + 1;
    for (const each of said()) expect(each.length).toBeLessThanOrEqual(most);
    expect(asked).toBeGreaterThan(2 * most);
    expect(lines.filter((line) => line.includes('WARN') && line.includes('GraphQL'))).toEqual(said()[0]);
  });

  it.runIf(queue === 'postgres')('does not ask for work, nor say so, thousands of times a second', async () => {
    const said = () => lines.filter((line) => line.includes('The queue'));
    // What BullMQ's main loop calls.
    const worker = service.app.get(DeliveryProcessor, { strict: false }).worker as unknown as Record<
      '_getNextJob',
      (...args: unknown[]) => Promise<unknown>
    >;
    const times: number[] = [];
    const ask = worker._getNextJob.bind(worker);
    worker._getNextJob = (...args) => {
      times.push(performance.now());
      return ask(...args);
    };
    lines.length = 0;
    proxy.cut();
    // The jobs that were under way fail first, all at once.
    await eventually(() => expect(times.at(-1)! - times.at(-8)!).toBeGreaterThan(600));
    expect(said().length).toBeLessThan(20);
  });

  it('answers UNAVAILABLE too when a statement takes too long or its lock is not free', async () => {
    const runner = service.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query('LOCK TABLE messages IN ACCESS EXCLUSIVE MODE');
      for (const end of ['pg_cancel_backend', 'pg_terminate_backend']) {
        let answer: Answer | undefined;
        void service
          .graphql(OPERATIONS.pushMessage.query, OPERATIONS.pushMessage.variables)
          .then((given) => (answer = given));
        // Others wait for the lock too, so those that wait are ended until the push is answered.
        await eventually(async () => {
          await runner.query(`SELECT ${end}(pid) FROM pg_locks WHERE relation = 'messages'::regclass AND NOT granted`);
          expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
        });
      }
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  });
});
