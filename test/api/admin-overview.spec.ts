import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OverviewReport } from '../../src/admin/overview.js';
import type { RecipientReport } from '../../src/admin/recipient-lookup.js';
import { Admin, PASSWORD } from '../support/admin.js';
import { RecipientClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

const SETTINGS = { ADMIN_PASSWORD: PASSWORD, ADMIN_REPORT_INTERVAL: '1s', MAX_BUFFERED: '128KiB' };
const SECRET_TEXT = 'a text that no admin may read';
const here = queueIsHere && oneProcess('It counts what each node counts for itself.');

describe.runIf(here)('the admin page', () => {
  let service: Service;
  let second: Service;
  let admin: Admin;
  beforeAll(async () => {
    service = await Service.start(SETTINGS);
    second = await service.startSecondNode({ ...SETTINGS, ROLES: 'gateway,worker' });
    admin = await Admin.of(service);
  });
  afterAll(async () => {
    await second.stop();
    await service.stop();
  });

  const overview = async () => (await (await admin.fetch('/api/overview')).json()) as OverviewReport;
  const lookUp = async (recipient: string, tenant = 'acme') => {
    const answer = await admin.fetch('/api/recipient', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tenant, recipient }),
    });
    const text = await answer.text();
    expect(answer.status, text).toBe(200);
    expect(text).not.toContain(SECRET_TEXT);
    return JSON.parse(text) as RecipientReport;
  };
  /** Connects to the node without the API, with a token of the other. */
  const connectThere = (uri: string) =>
    RecipientClient.connect(uri.replace(/^ws:\/\/[^/]+/, `ws://${new URL(second.url).host}`));
  const reason = async (recipient: string) => (await lookUp(recipient)).messages[0]?.reason;

  it('tells of every node what it is and has', async () => {
    const client = await service.connect('ann');
    const other = await connectThere(await service.register('bob'));
    await service.push(['ann', 'bob', 'nobody'], SECRET_TEXT);
    await eventually(async () => {
      const { nodes, ...report } = await overview();
      expect(nodes.map(({ roles, silent }) => ({ roles, silent }))).toEqual(
        expect.arrayContaining([
          { roles: ['api', 'gateway', 'worker'], silent: false },
          { roles: ['gateway', 'worker'], silent: false },
        ]),
      );
      expect(nodes).toHaveLength(2);
      for (const node of nodes)
        expect(node).toMatchObject({
          version: expect.stringMatching(/^\d+\.\d+/) as string,
          connections: 1,
          recipients: 1,
          uptime: expect.any(Number) as number,
        });
      expect(report).toMatchObject({
        connections: 2,
        recipients: 2,
        unproven: 0,
        handlers: null,
        pending: 1,
        queueLag: expect.any(Number) as number,
      });
      expect(nodes.reduce((sum, { pushed }) => sum + pushed, 0)).toBe(3);
      expect(nodes.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(2);
    });
    await client.close();
    other.socket.terminate();
  });

  it('lists a node that says nothing, and leaves it out of the sums; one that stops is gone', async () => {
    const third = await service.startSecondNode({ ...SETTINGS, ROLES: 'gateway' });
    await eventually(async () => expect((await overview()).nodes).toHaveLength(3));
    await third.stop();
    expect((await overview()).nodes).toHaveLength(2);
    await service.dataSource.query(
      `INSERT INTO node_reports SELECT 'hung', now() - interval '30 seconds', report || '{"connections": 1000}' FROM node_reports LIMIT 1`,
    );
    const report = await overview();
    expect(report.nodes.find(({ node }) => node === 'hung')).toMatchObject({ silent: true });
    expect(report.connections).toBeLessThan(1_000);
    await service.dataSource.query(`DELETE FROM node_reports WHERE node = 'hung'`);
  });

  it('finds the connections of a recipient on every node', async () => {
    const clients = [
      await service.connect('carol'),
      await connectThere(await service.register({ recipient: 'carol', topic: 'news' })),
    ];
    await eventually(async () => {
      const { connections, count, asked, silent } = await lookUp('carol');
      expect({ count, asked, silent }).toEqual({ count: 2, asked: 2, silent: [] });
      expect(new Set(connections.map(({ node }) => node)).size).toBe(2);
      expect(connections.map(({ topic }) => topic).sort()).toEqual(['news', null]);
      for (const { since } of connections) expect(Date.now() - Date.parse(since ?? '')).toBeLessThan(60_000);
    });
    for (const { socket } of clients) socket.terminate();
    expect(await lookUp('carol', 'another tenant')).toMatchObject({ count: 0, messages: [] });
  });

  it('says why a message is PENDING: nobody is connected, or to another topic, or no pong came', async () => {
    await service.push('away', SECRET_TEXT);
    expect(await reason('away')).toBe('not-connected');

    await service.connect({ recipient: 'elsewhere', topic: 'sports' });
    await service.push('elsewhere', SECRET_TEXT, { topic: 'news' });
    expect(await reason('elsewhere')).toBe('other-topic');

    const mute = await service.connect('mute', { autoPong: false });
    await service.push('mute', SECRET_TEXT);
    await mute.received(1);
    expect(await reason('mute')).toBe('sent');

    const client = await service.connect('well');
    const [message] = await service.push('well', SECRET_TEXT);
    await client.received(1);
    await service.settled(message?.id ?? '', 'DELIVERED');
    expect((await lookUp('well')).messages).toMatchObject([{ status: 'DELIVERED', reason: null }]);
  });

  it('says that a consumer was cut off for not reading', async () => {
    const slow = await service.connect('slow');
    slow.stall();
    await service.push('slow', SECRET_TEXT);
    // Nobody waits for the proofs of global messages before there are more.
    for (let pushed = 0; (await lookUp('slow')).cutOffs.length === 0; pushed += 1) {
      expect(pushed).toBeLessThan(1_000);
      for (let i = 0; i < 20; i += 1) await service.pushGlobal('x'.repeat(64 * 1_024));
    }
    const { messages, cutOffs, count } = await lookUp('slow');
    expect(messages[0]?.reason).toBe('cut-off');
    expect(cutOffs).toMatchObject([{ because: 'slow_consumer', topic: null }]);
    expect(count).toBe(0);
  });

  it('says that it does not know while a node does not answer', async () => {
    await service.push('unknown', SECRET_TEXT);
    await service.dataSource.query(`INSERT INTO node_reports SELECT 'hung', now(), report FROM node_reports LIMIT 1`);
    const report = await lookUp('unknown');
    expect(report.silent).toEqual(['hung']);
    expect(report.messages[0]?.reason).toBe('not-known');
    await service.dataSource.query(`DELETE FROM node_reports WHERE node = 'hung'`);
    expect(await reason('unknown')).toBe('not-connected');
  });

  it('asks for names that make sense', async () => {
    for (const body of [
      '{}',
      '[]',
      '{"tenant":"acme"}',
      '{"tenant":"acme","recipient":7}',
      '{"tenant":"a\\u0000","recipient":"b"}',
      '{',
      `{"tenant":"acme","recipient":"${'x'.repeat(257)}"}`,
    ])
      expect(
        (await admin.fetch('/api/recipient', { method: 'POST', headers: { 'content-type': 'application/json' }, body }))
          .status,
        body,
      ).toBe(400);
  });
});
