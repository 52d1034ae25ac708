import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { FarNode } from '../support/far-node.js';
import { OPERATIONS } from '../support/operations.js';
import { queue, queueIsHere, Service } from '../support/service.js';

const FAST = { RECONCILE_INTERVAL: '500ms' };

/** How a node loses the others and the queue, though not the database. */
const FAULTS: [what: string, begin: (far: FarNode) => void][] = [
  ['cut off', (far) => far.cutRelay()],
  ['silent', (far) => far.deafen()],
];

describe.runIf(queueIsHere)('a node that is cut off, though not from its clients,', () => {
  let service: Service;
  let far: FarNode;
  beforeAll(async () => {
    service = await Service.start(FAST);
    far = await FarNode.start(service, FAST);
  });
  afterAll(async () => {
    await far.stop();
    await service.stop();
  });

  const ready = async () => {
    const response = await fetch(`${far.node.url}/health/ready`);
    return { http: response.status, ...((await response.json()) as object) };
  };
  const delivered = async (recipient: string, texts: string[]) =>
    eventually(async () =>
      expect((await service.messages({ recipient })).map(({ message, status }) => `${message} ${status}`)).toEqual(
        texts.map((text) => `${text} DELIVERED`).toReversed(),
      ),
    );

  it('refuses pushes while the database is away, and says so; its clients get what came meanwhile', async () => {
    const client = await far.node.connect({ recipient: 'ann', topic: 'news' });
    await far.node.push('ann', 'before');
    await client.received(1);
    far.database.cut();
    const { query, variables } = OPERATIONS.pushMessage;
    const refusal = await far.node.graphql(query, { input: { ...variables.input, recipients: ['ann'] } });
    expect(refusal).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    expect(refusal.headers.get('retry-after')).toBe('1');
    expect(await ready()).toMatchObject({ http: 503, database: 'unreachable' });
    await service.push('ann', 'meanwhile');
    await service.pushGlobal('to all', { topic: 'news' });
    expect(client.messages).toEqual(['before']);
    far.restore();
    expect((await client.received(3)).toSorted()).toEqual(['before', 'meanwhile', 'to all']);
    await eventually(async () => expect(await ready()).toMatchObject({ http: 200, database: 'ok' }));
    await far.node.push('ann', 'after');
    expect((await client.received(4)).at(-1)).toBe('after');
    expect(client.closed).toBeNull();
    await delivered('ann', ['before', 'meanwhile', 'after']);
  });

  it.each(FAULTS)('takes pushes and delivers, here and there, while its relay is %s', async (what, begin) => {
    const [here, there] = [await far.node.connect(what), await service.connect(what)];
    begin(far);
    await far.node.push(what, 'from here');
    await service.push(what, 'from there');
    for (const client of [here, there]) expect(await client.received(2)).toEqual(['from here', 'from there']);
    const state = queue === 'redis' ? 'unreachable' : 'ok';
    await eventually(async () => expect(await ready()).toMatchObject({ http: 200, database: 'ok', queue: state }));
    far.restore();
    await eventually(async () => expect(await ready()).toMatchObject({ http: 200, queue: 'ok' }));
    await far.node.push(what, 'after');
    for (const client of [here, there]) expect((await client.received(3)).at(-1)).toBe('after');
    await delivered(what, ['from here', 'from there', 'after']);
    expect([here.closed, there.closed]).toEqual([null, null]);
  });

  it('from everything is back by itself once all is there', async () => {
    const client = await far.node.connect('bob');
    far.cutRelay();
    far.database.cut();
    await service.push('bob', 'meanwhile');
    await eventually(async () => expect(await ready()).toMatchObject({ http: 503, database: 'unreachable' }));
    far.restore();
    expect(await client.received(1)).toEqual(['meanwhile']);
    await delivered('bob', ['meanwhile']);
    await eventually(async () => expect(await ready()).toMatchObject({ http: 200, database: 'ok', queue: 'ok' }));
  });
});
