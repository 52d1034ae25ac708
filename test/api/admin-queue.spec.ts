import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OverviewReport } from '../../src/admin/overview.js';
import { MessagesPushed } from '../../src/events/messages-pushed.event.js';
import { OnDomainEvent } from '../../src/handlers/on-domain-event.decorator.js';
import { Admin, PASSWORD } from '../support/admin.js';
import { eventually } from '../support/eventually.js';
import { AllHandlers, withHandlers } from '../support/handlers.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';
import { queue, queueIsHere, Service } from '../support/service.js';

interface ShownJob {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
}

/** The jobs of the queue as the board gets them. */
async function jobsOf(admin: Admin, status: string): Promise<{ text: string; jobs: readonly ShownJob[] }> {
  const answer = await admin.fetch(`/queues/api/queues?activeQueue=events&status=${status}`);
  const text = await answer.text();
  const { queues } = JSON.parse(text) as { queues: { jobs: ShownJob[] }[] };
  return { text, jobs: queues[0]?.jobs ?? [] };
}

const act = (admin: Admin, path: string, method = 'PUT') =>
  admin.fetch(`/queues/api/queues${path}`, { method, headers: { 'content-type': 'application/json' }, body: '{}' });

describe.runIf(queueIsHere)('the board of the queue', () => {
  // Without a worker jobs wait to be looked at.
  let service: Service;
  let admin: Admin;
  beforeAll(async () => {
    service = await Service.start({ ADMIN_PASSWORD: PASSWORD, ROLES: 'api' });
    admin = await Admin.of(service);
  });
  afterAll(async () => service.stop());

  it('shows ids and counts of jobs, and neither texts nor names of recipients', async () => {
    await service.push(['recipient-one', 'recipient-two'], 'a text that nobody else may read');
    await service.pushGlobal('another such text');
    const { jobs, text } = await eventually(async () => {
      const shown = await jobsOf(admin, 'waiting');
      expect(shown.jobs.map(({ name }) => name).sort()).toEqual(['GlobalMessagePushed', 'MessagesPushed']);
      return shown;
    });
    const pushed = jobs.find(({ name }) => name === 'MessagesPushed');
    expect(pushed?.data).toEqual({
      node: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      events: 1,
      recipients: 2,
      tenants: ['acme'],
      transactions: [expect.any(Number) as number],
    });
    expect(text).not.toMatch(/recipient-one|such text|nobody else/);
    const one = await (await admin.fetch(`/queues/api/queues/events/${pushed?.id}`)).text();
    expect(one).toContain('"recipients":2');
    expect(one).not.toMatch(/recipient-one|nobody else/);
  });

  it('is to be read alone', async () => {
    const { jobs } = await jobsOf(admin, 'waiting');
    const id = jobs[0]?.id ?? '';
    for (const [path, method] of [
      [`/events/${id}/clean`],
      [`/events/${id}/retry`],
      [`/events/${id}/update-data`, 'PATCH'],
      ['/events/clean/wait'],
      ['/events/retry/failed'],
      ['/events/obliterate'],
      ['/events/empty'],
      ['/events/add', 'POST'],
      ['/events/pause'],
      ['/pause'],
    ] as [string, string?][])
      expect((await act(admin, path, method)).status, path).toBe(403);
    expect((await jobsOf(admin, 'waiting')).jobs.length).toBe(jobs.length);
    expect(await service.jobs.isPaused()).toBe(false);
  });
});

describe.runIf(queueIsHere)('the board of the queues of handlers', () => {
  it('shows what became of events, and no names of recipients', async () => {
    const handlers = new AllHandlers((way) => {
      if (way === 'durable') throw new Error('It fails');
    });
    const service = await Service.startExtended(withHandlers(handlers), { ADMIN_PASSWORD: PASSWORD });
    const admin = await Admin.of(service);
    const [message] = await service.push(['recipient-one'], 'nobody else may read this', { topic: 'secret-topic' });
    const list = '/queues/api/queues?activeQueue=handler-messages-pushed&status=delayed';
    const text = await eventually(async () => {
      const answer = await (await admin.fetch(list)).text();
      expect(answer).toContain(message!.id);
      return answer;
    });
    expect(text).toContain('The handler failed: Error: It fails');
    expect(text).not.toMatch(/recipient-one|nobody else|secret-topic/);
    const { queues } = JSON.parse(text) as { queues: { name: string }[] };
    expect(queues.map(({ name }) => name)).toEqual(expect.arrayContaining(['events', 'handler-message-delivered']));
    await service.stop();
  });
});

class Hopeless {
  @OnDomainEvent(MessagesPushed, { durable: 'hopeless', attempts: 1 })
  fail(): void {
    throw new Error('It fails');
  }
}

describe.runIf(queueIsHere)('the admin page of a node with durable handlers', () => {
  it('says how many events they gave up', async () => {
    const settings = { ADMIN_PASSWORD: PASSWORD, METRICS_INTERVAL: '1s', LOG_LEVEL: 'fatal' };
    const service = await Service.startExtended(withHandlers(new Hopeless()), settings);
    const admin = await Admin.of(service);
    await service.push(['ann', 'bob'], 'one event');
    await eventually(async () => {
      const { handlers } = (await (await admin.fetch('/api/overview')).json()) as OverviewReport;
      expect(handlers).toEqual({ waiting: 0, failed: 1 });
    });
    await service.stop();
  });
});

describe.runIf(queueIsHere)('with ADMIN_QUEUE_ACTIONS', () => {
  let service: Service;
  let admin: Admin;
  beforeAll(async () => {
    service = await Service.start({ ADMIN_PASSWORD: PASSWORD, ADMIN_QUEUE_ACTIONS: 'on' });
    admin = await Admin.of(service);
  });
  afterAll(async () => service.stop());

  it('a job that failed can be tried again and deleted, and nothing else can be done', async () => {
    const { id } = await service.jobs.add('nobody works this', { node: 'test', events: [] }, { attempts: 1 });
    const failed = (times: number) =>
      eventually(async () => {
        const job = await service.jobs.getJob(id as string);
        expect(await job?.getState()).toBe('failed');
        expect(job?.attemptsMade).toBe(times);
      });
    await failed(1);
    for (const [path, method] of [
      ['/events/obliterate'],
      ['/events/empty'],
      ['/events/add', 'POST'],
      ['/events/pause'],
      ['/pause'],
      [`/events/${id}/update-data`, 'PATCH'],
    ] as [string, string?][])
      expect((await act(admin, path, method)).status, path).toBe(403);
    expect((await act(admin, `/events/${id}/retry`)).status).toBeLessThan(300);
    await failed(2);
    expect((await act(admin, `/events/${id}/clean`)).status).toBeLessThan(300);
    expect(await service.jobs.getJob(id as string)).toBeUndefined();
  });
});

describe.runIf(queueIsHere && queue === 'redis')('while Redis is away', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let service: Service;
  beforeAll(async () => {
    redis = await startRedis(REDIS_SERVER.path!);
    service = await Service.start({ ADMIN_PASSWORD: PASSWORD, REDIS_URL: redis.url, LOG_LEVEL: 'fatal' });
  });
  afterAll(async () => service.stop());

  it('the board says so, and keeps nobody waiting; all that needs no queue is there', async () => {
    const admin = await Admin.of(service);
    expect((await admin.fetch('/queues/api/queues')).status).toBe(200);
    await redis.stop();
    await eventually(async () => {
      const answer = await admin.fetch('/queues/api/queues', { signal: AbortSignal.timeout(10_000) });
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain('The queue does not answer.');
    });
    expect((await admin.fetch('/queues')).status).toBe(200);
    const overview = (await (await admin.fetch('/api/overview')).json()) as OverviewReport;
    expect(overview.pending).toBe(0);
    expect(overview.nodes.map(({ silent }) => silent)).toEqual(service.nodes.map(() => false));
  });
});
