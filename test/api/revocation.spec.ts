import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { HousekeepingRepository } from '../../src/delivery/housekeeping.repository.js';
import { OpeningSnapshots } from '../../src/gateway/opening-snapshots.js';
import { RevocationsRepository } from '../../src/recipients/revocations.repository.js';
import { RevokedRecipients } from '../../src/recipients/revoked-recipients.js';
import { Relay } from '../../src/relay/relay.js';
import { RecipientClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { FarNode } from '../support/far-node.js';
import { Gate } from '../support/gate.js';
import { RawConnection, upgradeRequest } from '../support/raw-connection.js';
import { REDIS_SERVER, startRedis } from '../support/redis-server.js';
import { needsOneProcess, oneProcess, queue, queueIsHere, Service } from '../support/service.js';

const REVOKED = { code: 4403, reason: 'token revoked' };
const HOUR = 3_600_000;

describe.runIf(queueIsHere)('revoking the tokens of a recipient', () => {
  let service: Service;
  let second: Service;
  /** Hears no signal. */
  let far: FarNode;
  let deaf: Service;
  beforeAll(async () => {
    service = await Service.start({ TOKEN_TTL: '1h' });
    second = await service.startSecondNode({ TOKEN_TTL: '1h' });
    far = await FarNode.start(service, { TOKEN_TTL: '1h' });
    far.deafen();
    deaf = far.node;
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    for (const node of [far, second, service]) await node.stop();
  });

  const revoke = (recipient: string) => service.revoke(recipient);
  const closing = async (uri: string) => (await RecipientClient.connect(uri)).closing();
  const at = (node: Service, uri: string) => uri.replace(/\/\/[^/]*/, `//${new URL(node.url).host}`);

  it('closes its connections with 4403, and every other way back in with its tokens', async () => {
    const uri = await service.register('ann');
    const bound = await service.register({ recipient: 'ann', topic: 'topic', origin: 'https://example.org' });
    const clients = [
      await RecipientClient.connect(uri),
      await RecipientClient.connect(bound, { origin: 'https://example.org' }),
    ];
    await revoke('ann');
    for (const client of clients) expect(await client.closing()).toEqual(REVOKED);
    for (const each of [uri, bound]) expect(await closing(each)).toEqual(REVOKED);
    await service.push('ann', 'secret');
    const refused = await RecipientClient.connect(uri);
    await refused.closing();
    expect(refused.messages).toEqual([]);
  });

  it('counts a connection that it refuses so, until it has closed', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    const node = await service.startSecondNode({ MAX_CONNECTIONS: '1' });
    const uri = await node.register('iggy');
    await node.revoke('iggy');
    const connection = await RawConnection.open(node.url);
    connection.write(upgradeRequest(uri.slice(uri.indexOf('/?'))));
    expect(await connection.closeCode()).toBe(4403);
    await expect(RecipientClient.connect(uri)).rejects.toMatchObject({ status: 429 });
    await eventually(async () => expect(await closing(uri)).toEqual(REVOKED));
    await node.stop();
  });

  it('spares tokens that are made afterwards, at once and on every node', async () => {
    const old = await service.register('bea');
    await revoke('bea');
    const client = await service.connect('bea');
    await service.push('bea', 'again');
    expect(await client.received(1)).toEqual(['again']);
    await eventually(async () => expect(await closing(at(second, old))).toEqual(REVOKED));
    const fresh = await RecipientClient.connect(at(second, await second.register('bea')));
    await service.push('bea', 'here too');
    await fresh.received(1);
    await revoke('bea');
    for (const each of [client, fresh]) expect(await each.closing()).toEqual(REVOKED);
  });

  it('spares other recipients, and those of the same name of other tenants', async () => {
    const other = await service.createKey({ tenant: 'other' });
    const clients = [
      await service.connect('cia'),
      await service.connect('Cid'),
      await service.connect('cid', {}, other),
    ];
    const ours = await service.connect('cid');
    await revoke('cid');
    expect(await ours.closing()).toEqual(REVOKED);
    await service.pushGlobal('all');
    await service.pushGlobal('all', {}, other);
    for (const client of clients) await client.received(1);
  });

  it('is effective when the relay is down', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const client = await second.connect('dan');
    vi.spyOn(service.app.get(Relay, { strict: false }), 'publish').mockRejectedValue(new Error('down'));
    await revoke('dan');
    await eventually(() => expect(client.closed).toEqual(REVOKED), 5_000);
  });

  it.runIf(queue === 'redis' && REDIS_SERVER.path !== null)('is effective while Redis is down', async () => {
    const redis = await startRedis(REDIS_SERVER.path!);
    const node = await service.startSecondNode({ TOKEN_TTL: '1h', REDIS_URL: redis.url, LOG_LEVEL: 'fatal' });
    const [there, here] = [await node.connect('del'), await second.connect('del')];
    await redis.stop();
    await node.revoke('del');
    await eventually(() => expect([there.closed, here.closed]).toEqual([REVOKED, REVOKED]), 5_000);
    await node.stop();
  });

  it('is effective at once after a node was away from the database', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const client = await deaf.connect('eve');
    const repository = deaf.app.get(RevocationsRepository, { strict: false });
    const away = vi.spyOn(repository, 'since').mockRejectedValue(new Error('away'));
    await revoke('eve');
    await deaf.app.get(RevokedRecipients, { strict: false }).refresh();
    away.mockRestore();
    await eventually(() => expect(client.closed).toEqual(REVOKED), 5_000);
  });

  it('stops a connection that the door has let in and that is not open yet', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    const uri = await service.register('fay');
    const gate = new Gate();
    const openings = service.app.get(OpeningSnapshots, { strict: false });
    vi.spyOn(openings, 'take').mockImplementationOnce(async () => {
      await gate.pass();
      return null;
    });
    const connecting = RecipientClient.connect(uri);
    await gate.reached;
    await revoke('fay');
    gate.open();
    expect(await (await connecting).closing()).toEqual(REVOKED);
  });

  it('is known to a node that starts later', async () => {
    const uri = await service.register('gus');
    await revoke('gus');
    const late = await service.startSecondNode({ TOKEN_TTL: '1h' });
    expect(await closing(at(late, uri))).toEqual(REVOKED);
    await late.stop();
  });

  it('is told as expiry once the token has expired, and then its record goes, and nothing else', async (context) => {
    needsOneProcess(context, 'It calls a part of a node by itself.');
    const uri = await service.register('hal');
    await revoke('hal');
    const housekeeping = service.app.get(HousekeepingRepository, { strict: false });
    const revoked = service.app.get(RevokedRecipients, { strict: false });
    const rows = () => service.dataSource.query("SELECT FROM revocations WHERE recipient = 'hal'");
    for (const ttl of [HOUR, 0]) await housekeeping.removeRevocations(ttl);
    expect(await rows()).toHaveLength(1);
    await service.setClock(2 * HOUR);
    expect((await closing(uri)).code).toBe(4401);
    await housekeeping.removeRevocations(0);
    expect(await rows()).toHaveLength(1);
    await housekeeping.removeRevocations(HOUR);
    await revoked.refresh();
    expect(await rows()).toHaveLength(0);
    expect(revoked.revokedUntil({ tenant: 'acme', recipient: 'hal' })).toBe(0);
    expect((await closing(uri)).code).toBe(4401);
    await service.setClock(0);
    for (const node of [service, second, deaf]) await node.app.get(RevokedRecipients, { strict: false }).refresh();
  });

  it('is found after the clock of the database was set back', async (context) => {
    needsOneProcess(context, 'It stops, breaks or watches a step inside a node.');
    await service.setClock(2 * HOUR);
    for (const node of [service, deaf]) await node.app.get(RevokedRecipients, { strict: false }).refresh();
    await service.setClock(0);
    await deaf.app.get(RevokedRecipients, { strict: false }).refresh();
    const client = await deaf.connect('ida');
    await revoke('ida');
    await eventually(() => expect(client.closed).toEqual(REVOKED), 5_000);
  });

  it.runIf(oneProcess('It calls a part of a node by itself.')).each(['', 'x'.repeat(257), 'a\u0000b', '\ud800'])(
    'is refused for what can be no recipient: %j',
    async (name) => {
      await expect(revoke(name)).rejects.toThrow(/^recipient must/);
    },
  );
});
