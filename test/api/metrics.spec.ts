import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MetricsServer } from '../../src/metrics/metrics-server.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { alerts, dashboardQueries, metricsIn } from '../support/alerts.js';
import { RecipientClient } from '../support/client.js';
import { DatabaseProxy } from '../support/database-proxy.js';
import { eventually } from '../support/eventually.js';
import { AllHandlers, withHandlers } from '../support/handlers.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

const SETTINGS = { METRICS_PORT: '0', METRICS_INTERVAL: '0' };
const here = queueIsHere && oneProcess('It counts what each node counts for itself.');

describe.runIf(here)('metrics', () => {
  let proxy: DatabaseProxy;
  let service: Service;
  beforeAll(async () => {
    proxy = await DatabaseProxy.to(inject('databaseUrl'));
    service = await Service.startBehind(proxy.url, SETTINGS);
  });
  afterAll(async () => {
    await service.stop();
    proxy.close();
  });

  const address = (path: string, of = service) =>
    `http://127.0.0.1:${of.app.get(MetricsServer, { strict: false }).port}${path}`;
  const scrape = async (of = service): Promise<string> => {
    const response = await fetch(address('/metrics', of));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return response.text();
  };
  /** The number of a series, by its name and labels; NaN when it is not shown. */
  const valueOf = (text: string, series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    );
  const shows = (expected: Record<string, number>) =>
    eventually(async () => {
      const text = await scrape();
      expect(Object.fromEntries(Object.keys(expected).map((series) => [series, valueOf(text, series)]))).toEqual(
        expected,
      );
    });

  it('tell of messages from the push to the proof, and of what waits', async () => {
    const ann = await service.connect('ann');
    await service.push('ann', 'of the backlog, perhaps');
    await ann.received(1);
    const frames = valueOf(await scrape(), 'homing_push_to_frame_seconds_count');
    await service.push(['ann', 'bob'], 'hello');
    await service.pushGlobal('to all');
    await ann.received(3);
    await shows({
      homing_connections: 1,
      homing_recipients_connected: 1,
      'homing_messages_pushed_total{kind="recipient"}': 3,
      'homing_messages_pushed_total{kind="global"}': 1,
      'homing_messages_sent_total{kind="recipient"}': 2,
      'homing_messages_sent_total{kind="global"}': 1,
      'homing_push_to_proof_seconds_count{kind="recipient"}': 2,
      'homing_push_to_proof_seconds_count{kind="global"}': 1,
      homing_push_to_frame_seconds_count: frames + 2,
      homing_fan_out_connections_sum: 1,
      homing_messages_unproven: 0,
      homing_messages_pending: 1,
      homing_messages_pending_oldest_seconds: 0,
      'homing_graphql_operations_total{operation="pushMessage",outcome="ok"}': 2,
      'homing_jobs_total{job_name="DeliveryConfirmed",outcome="done"}': expect.any(Number) as number,
    });
    const took = (await service.messages({ recipient: 'ann' }))
      .map(({ createdAt, deliveredAt }) => (Date.parse(deliveredAt!) - Date.parse(createdAt)) / 1_000)
      .reduce((sum, seconds) => sum + seconds);
    expect(valueOf(await scrape(), 'homing_push_to_proof_seconds_sum{kind="recipient"}')).toBeCloseTo(took, 6);
    await ann.close();
    await shows({ homing_connections: 0, 'homing_connections_closed_total{reason="client"}': 1 });
  });

  it('tell how long the oldest message has been PENDING, by the clock of the database', async () => {
    await service.setClock(300_000);
    await eventually(async () => {
      const oldest = valueOf(await scrape(), 'homing_messages_pending_oldest_seconds');
      expect(oldest).toBeGreaterThan(299);
      expect(oldest).toBeLessThan(330);
    });
    // What comes now is walked to when the old one is gone.
    await service.push('cid', 'later');
    const bob = await service.connect('bob');
    await bob.received(1);
    await shows({ homing_messages_pending: 1, homing_messages_pending_oldest_seconds: 0 });
    await service.setClock(600_000);
    await eventually(async () =>
      expect(valueOf(await scrape(), 'homing_messages_pending_oldest_seconds')).toBeGreaterThan(299),
    );
    await service.setClock(0);
    await bob.close();
  });

  it('tell what is refused, and why', async () => {
    await expect(RecipientClient.connect(`${service.url.replace('http', 'ws')}/?token=no`)).rejects.toThrow('401');
    await expect(RecipientClient.connect(`${service.url.replace('http', 'ws')}/elsewhere`)).rejects.toThrow('404');
    await service.graphql('{ version }', {}, null);
    await service.graphql('{ nonsense }');
    await fetch(`${service.url}/any/path/of/a/caller`);
    await shows({
      'homing_upgrades_refused_total{reason="bad_token"}': 1,
      'homing_upgrades_refused_total{reason="other_path"}': 1,
      'homing_graphql_operations_total{operation="none",outcome="unauthenticated"}': 1,
      'homing_graphql_operations_total{operation="none",outcome="bad_request"}': 1,
      'homing_http_requests_total{route="other",status="404"}': 1,
    });
  });

  it('tell of jobs that wait while nobody works the queue', async () => {
    await service.jobs.pause();
    await eventually(async () => expect(valueOf(await scrape(), 'homing_queue_jobs{state="active"}')).toBe(0));
    await service.push('dan', 'waits');
    await eventually(async () => {
      const text = await scrape();
      expect(valueOf(text, 'homing_queue_jobs{state="waiting"}')).toBeGreaterThan(0);
      expect(valueOf(text, 'homing_queue_oldest_job_seconds')).toBeGreaterThan(0.1);
    });
    await service.jobs.resume();
    await shows({ 'homing_queue_jobs{state="waiting"}': 0, homing_queue_oldest_job_seconds: 0 });
  });

  it('are all there that the alerts and the dashboard name, and say nothing of recipients and tenants', async () => {
    const text = await scrape();
    // Some are of durable handlers.
    const extended = await Service.startExtended(withHandlers(new AllHandlers(() => undefined)), SETTINGS);
    const all = await eventually(async () => {
      const text = await scrape(extended);
      expect(valueOf(text, 'homing_outbox_events')).toBe(0);
      expect(valueOf(text, 'homing_handler_jobs{handler="messages-pushed"}')).toBe(0);
      return text;
    }).finally(() => extended.stop());
    const shown = new Set(all.match(/(?<=^# TYPE )\S+/gm));
    const expressions = [...alerts().map(({ expr }) => expr), ...dashboardQueries('homing', '1m')];
    const named = expressions.flatMap(metricsIn);
    expect(named.length).toBeGreaterThan(80);
    expect(named.filter((name) => !shown.has(name))).toEqual([]);
    // What nobody looks at need not be counted.
    const ours = service.app.get(Metrics, { strict: false }).families.map(({ name }) => name);
    expect(ours.filter((name) => !named.includes(name))).toEqual([]);
    expect(text).not.toMatch(/acme|ann|bob|dan|hello/);
  });

  it('are at GET /metrics alone, and show the rest when the database says nothing', async () => {
    expect((await fetch(address('/'))).status).toBe(404);
    expect((await fetch(address('/metrics'), { method: 'POST' })).status).toBe(405);
    expect(valueOf(await scrape(), 'homing_database_up')).toBe(1);
    proxy.silence();
    try {
      const began = performance.now();
      await eventually(async () => {
        const text = await scrape();
        expect(valueOf(text, 'homing_database_up')).toBe(0);
        expect(valueOf(text, 'homing_connections')).toBe(0);
        expect(valueOf(text, 'homing_messages_pending')).toBeNaN();
      });
      expect(performance.now() - began).toBeLessThan(10_000);
    } finally {
      proxy.restore();
    }
    await shows({ homing_database_up: 1 });
  });
});
