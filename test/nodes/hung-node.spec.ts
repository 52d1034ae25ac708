import { randomBytes } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { ProcessHost } from '../support/process-host.js';
import { ProcessInstallation } from '../support/process-installation.js';
import { REDIS_SERVER } from '../support/redis-server.js';
import { Service } from '../support/service.js';

/** Two nodes, each a process, on a database of their own. */
async function twoNodes(environment: Record<string, string>) {
  const database = `test_${randomBytes(6).toString('hex')}`;
  const installation = await ProcessInstallation.open(database, await createDatabase(database));
  const [first, second] = await Promise.all([installation.startNode(environment), installation.startNode(environment)]);
  const serve = (node: typeof first) => Service.on(ProcessHost.single(installation, node, async () => undefined));
  return { installation, awake: await serve(first), hung: await serve(second), child: second };
}

const SERVERS: [name: string, environment: () => Record<string, string>][] = [['PostgreSQL', () => ({})]];
if (REDIS_SERVER.path !== null) SERVERS.push(['Redis', () => ({ REDIS_URL: inject('redisUrl') })]);

// They wait for seconds, not for the machine.
describe.concurrent('a node that hangs until the others think it dead, and goes on,', () => {
  it.each(SERVERS)('sends what came meanwhile and nothing else, with signals by %s', async (_name, environment) => {
    const { installation, awake, hung, child } = await twoNodes(environment());
    const query = <T>(text: string, ...values: unknown[]) => installation.dataSource.query<T[]>(text, values);
    const status = async (id: string) => (await awake.messages()).find((message) => message.id === id);

    const ann = await hung.connect('ann');
    const mute = await hung.connect('mute', { autoPong: false });
    const late = await hung.connect('late', { autoPong: false });
    const revoked = await hung.connect('revoked');
    const [before] = await awake.push('ann', 'before');
    await hung.settled(before!.id, 'DELIVERED');
    const [unproven] = await awake.push('mute', 'unproven');
    const expiresAt = new Date(Date.now() + 4_000).toISOString();
    const [tooLate] = await awake.push('late', 'sent in time', { expiresAt });
    await Promise.all([mute.received(1), late.received(1)]);
    await eventually(() => expect([mute.pingsBehind[0], late.pingsBehind[0]]).not.toContain(undefined));

    child.hang();
    for (const client of [mute, late]) client.socket.pong(client.pingsBehind[0]);
    // As if it hung for a minute. The others look every few seconds.
    const known = await query<{ node: string }>("SELECT DISTINCT node FROM presences WHERE recipient = 'ann'");
    expect(known).toHaveLength('REDIS_URL' in environment() ? 0 : 1);
    for (const { node } of known) {
      await query("UPDATE nodes SET seen_at = now() - interval '2 minutes' WHERE node = $1", node);
      await eventually(async () => expect(await query('SELECT FROM presences WHERE node = $1', node)).toEqual([]));
    }
    await awake.push('ann', 'meanwhile');
    const [expired] = await awake.push('ann', 'expired', { expiresAt: new Date(Date.now() + 1_500).toISOString() });
    await awake.pushGlobal('to all');
    await awake.revoke('revoked');
    for (const message of [expired, tooLate])
      await eventually(async () => expect(await status(message!.id)).toMatchObject({ status: 'CANCELLED' }));
    expect(await status(unproven!.id)).toMatchObject({ status: 'PENDING' });
    const resumedAt = Date.now();
    child.goOn();

    expect((await ann.received(3))[0]).toBe('before');
    await awake.push('ann', 'after');
    expect((await ann.received(4)).toSorted()).toEqual(['after', 'before', 'meanwhile', 'to all']);
    // The pong came while it hung. It is proof from when it was read, and none for what had expired by then.
    const { deliveredAt } = await awake.settled(unproven!.id, 'DELIVERED');
    expect(Date.parse(deliveredAt!)).toBeGreaterThanOrEqual(resumedAt - 100);
    for (const { id } of [expired!, tooLate!])
      expect(await status(id)).toMatchObject({ status: 'CANCELLED', deliveredAt: null });
    expect((await revoked.closing()).code).toBe(4403);
    for (const client of [ann, mute, late]) expect(client.closed).toBeNull();
    if (known.length > 0)
      await eventually(async () =>
        expect(await query("SELECT node FROM presences WHERE recipient = 'ann'")).toEqual(known),
      );
    for (const service of [hung, awake]) await service.stop();
    await installation.close();
  });
});
