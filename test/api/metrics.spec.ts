import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MetricsServer } from '../../src/metrics/metrics-server.js';
import { eventually } from '../support/eventually.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

const here = queueIsHere && oneProcess('It counts what each node counts for itself.');

describe.runIf(here)('metrics', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ METRICS_PORT: '0', METRICS_INTERVAL: '0' });
  });
  afterAll(() => service.stop());

  const scrape = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${service.app.get(MetricsServer, { strict: false }).port}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return response.text();
  };

  it('tell of a message from its push to its proof', async () => {
    const ann = await service.connect('ann');
    await service.push(['ann', 'bob'], 'hello');
    await ann.received(1);
    await eventually(async () => {
      const text = await scrape();
      expect(text).toContain('homing_push_to_proof_seconds_count{kind="recipient"} 1\n');
      process.stdout.write(process.env['SHOW'] ? text : '');
    });
  });
});
