import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';
import { oneProcess, queue, queueIsHere, Service } from '../support/service.js';

const here = queueIsHere && oneProcess('It calls a part of a node by itself.');

// They have the same tenant, the same recipients and the same secret: nothing but NAMESPACE keeps them apart.
describe.runIf(here)('two installations on one database and one Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>> | null = null;
  let one: Service;
  let other: Service;
  beforeAll(async () => {
    redis = queue === 'redis' ? await startRedis(REDIS_SERVER.path!) : null;
    const environment = { RECONCILE_INTERVAL: '200ms', MUTATION_RATE: '100', ...(redis && { REDIS_URL: redis.url }) };
    // The first one is that of who sets nothing.
    one = await Service.start({ ...environment, NAMESPACE: 'homing' });
    other = await one.startSecondNode({ ...environment, NAMESPACE: 'Other' });
  });
  afterAll(async () => {
    await other.stop();
    await one.stop();
    await redis?.stop();
  });

  it('take each their own access keys alone', async () => {
    expect((await one.graphql('{ version }', {}, other.key)).status).toBe(401);
    expect((await other.graphql('{ version }', {}, one.key)).status).toBe(401);
  });

  it('deliver each their own messages alone, live and from the backlog, and list no others', async () => {
    const [ours, theirs] = [await one.connect('ann'), await other.connect('ann')];
    await one.push(['ann', 'bob'], 'ours');
    await one.pushGlobal('all of ours');
    await ours.received(2);
    await other.push(['ann', 'bob'], 'theirs');
    await other.pushGlobal('all of theirs');
    expect((await theirs.received(2)).toSorted()).toEqual(['all of theirs', 'theirs']);
    expect(await (await one.connect('bob')).received(2)).toEqual(['ours', 'all of ours']);
    expect(await (await other.connect('bob')).received(2)).toEqual(['theirs', 'all of theirs']);
    expect(ours.messages.toSorted()).toEqual(['all of ours', 'ours']);
    for (const [service, text] of [
      [one, 'ours'],
      [other, 'theirs'],
    ] as const)
      await eventually(async () =>
        expect((await service.messages()).map(({ message, status }) => [message, status])).toEqual([
          [text, 'DELIVERED'],
          [text, 'DELIVERED'],
        ]),
      );
  });

  it('revoke each the tokens of their own recipients alone', async () => {
    const [ours, theirs] = [await one.connect('cid'), await other.connect('cid')];
    await one.revoke('cid');
    expect((await ours.closing()).code).toBe(4403);
    await other.push('cid', 'text');
    await eventually(() => expect(theirs.messages).toContain('text'));
    await other.revoke('cid');
    expect((await theirs.closing()).code).toBe(4403);
  });

  it('work each their own jobs alone', async () => {
    const waiting = async ({ jobs }: Service) => (await jobs.getWaiting()).length;
    await other.jobs.pause();
    for (const service of [one, other]) await service.push('nobody', 'text');
    await eventually(async () => expect(await waiting(other)).toBeGreaterThan(0));
    await eventually(async () => expect(await waiting(one)).toBe(0));
    expect(await waiting(other)).toBeGreaterThan(0);
    await other.jobs.resume();
    await eventually(async () => expect(await waiting(other)).toBe(0));
  });

  it('have no table in common', async () => {
    const tables = await one.dataSource.query<{ schema: string; name: string }[]>(
      `SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'`,
    );
    const of = (schema: string) => tables.flatMap((table) => (table.schema === schema ? [table.name] : []));
    expect(of('public')).toContain('messages');
    expect(of('Other').toSorted()).toEqual(of('public').toSorted());
    const queues = queue === 'postgres' ? ['homing_queue', 'Other_queue'] : [];
    expect(new Set(tables.map(({ schema }) => schema))).toEqual(new Set(['public', 'Other', ...queues]));
  });

  it.runIf(queue === 'redis')('have no key and no channel in common', async () => {
    const client = new Redis(redis!.url);
    for (const [service, prefix] of [
      [one, 'homing'],
      [other, 'Other'],
    ] as const) {
      await service.connect('dan');
      // The count of mutations is kept for a second.
      await eventually(async () => {
        await service.register('dan');
        expect(await client.keys(`${prefix}:mutations:*`)).not.toEqual([]);
      });
      expect(await client.keys(`${prefix}:events:*`)).not.toEqual([]);
      expect(await client.pubsub('CHANNELS', `${prefix}_signals:*`)).not.toEqual([]);
    }
    const names = [...(await client.keys('*')), ...((await client.pubsub('CHANNELS')) as string[])];
    expect(names.filter((name) => !/^(?:homing|Other)(?::events|:mutations|_signals)(?::|$)/.test(name))).toEqual([]);
    client.disconnect();
  });
});
