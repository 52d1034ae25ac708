import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { storedRows } from '../support/refusal.js';
import { RawConnection } from '../support/raw-connection.js';
import { good, needsOneProcess, queue, queueIsHere, Service } from '../support/service.js';

describe.runIf(queueIsHere)('access keys', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  it.each([
    ['no key', null],
    ['an empty key', ''],
    ['a malformed key', 'secret'],
    ['an unknown key', `homing_${'0'.repeat(10)}_${'0'.repeat(48)}`],
  ])('are needed: %s is UNAUTHENTICATED with HTTP 401, for introspection too', async (_what, key) => {
    for (const query of ['{ version }', '{ __schema { types { name } } }', '{ nonsense }']) {
      expect(await service.graphql(query, {}, key)).toMatchObject({
        status: 401,
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });

  it('with a good prefix and another secret are unknown', async () => {
    const key = service.key.slice(0, -1) + (service.key.endsWith('0') ? '1' : '0');
    expect((await service.graphql('{ version }', {}, key)).status).toBe(401);
  });

  it('are looked at before the body: whoever has none is answered without sending it', async () => {
    for (const key of ['', `homing_${'0'.repeat(10)}_${'0'.repeat(48)}`]) {
      const connection = await RawConnection.open(service.url);
      connection.write(
        `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 8000000\r\nx-api-key: ${key}\r\n\r\n`,
      );
      expect(await connection.status()).toBe(401);
      expect(connection.text).toContain('"code":"UNAUTHENTICATED"');
      connection.end();
    }
    expect((await service.post('{"query":', null)).status).toBe(401);
  });

  it('without the scope are FORBIDDEN, and the error names the scope', async () => {
    const key = await service.createKey({ scope: 'websockets-manager-api:query:version' });
    expect(good(await service.graphql('{ version }', {}, key))).toHaveProperty('version');
    const answer = await service.graphql('{ messages { items { id } } }', {}, key);
    expect(answer.errors[0]).toMatchObject({
      extensions: { code: 'FORBIDDEN' },
      message: expect.stringContaining('websockets-manager-api:query:messages'),
    });
  });

  it.each([
    '*:query:version',
    'websockets-manager-api:*:version',
    'websockets-manager-api:query:*',
    '*:mutation:pushMessage websockets-manager-api:query:version',
  ])('allow what %s covers', async (scope) => {
    const key = await service.createKey({ scope });
    expect((await service.graphql('{ version }', {}, key)).status).toBe(200);
    expect((await service.graphql('{ version }', {}, key)).errors).toEqual([]);
  });

  it('belong to a tenant, and nothing crosses', async () => {
    const other = await service.createKey({ tenant: 'other' });
    const ours = await service.connect('same-name');
    const theirs = await service.connect('same-name', {}, other);
    await service.push('same-name', 'ours');
    await service.pushGlobal('all of ours');
    await service.push('same-name', 'theirs', {}, other);
    expect(await theirs.received(1)).toEqual(['theirs']);
    expect([...(await ours.received(2))].sort()).toEqual(['all of ours', 'ours']);
    expect((await service.messages({}, other)).map(({ message }) => message)).toEqual(['theirs']);
  });

  it('are stored as a hash alone', async () => {
    const rows = JSON.stringify(await service.dataSource.query('SELECT * FROM access_keys'));
    expect(rows).not.toContain(service.key.split('_')[2]);
  });

  it('expire, and are refused within 5 s of being revoked', async () => {
    const expiring = await service.createKey({ expiresIn: 60_000 });
    expect((await service.graphql('{ version }', {}, expiring)).status).toBe(200);
    await service.setClock(61_000);
    expect((await service.graphql('{ version }', {}, expiring)).status).toBe(401);
    await service.setClock(0);
    const revoked = await service.createKey();
    expect((await service.graphql('{ version }', {}, revoked)).status).toBe(200);
    await service.keys.revoke(revoked.split('_')[1]!);
    await eventually(async () => expect((await service.graphql('{ version }', {}, revoked)).status).toBe(401), 5_000);
  });

  it('rotate with an overlap, and remember their last use', async () => {
    const old = await service.createKey();
    const { key } = await service.keys.rotate(old.split('_')[1]!, 60_000);
    for (const each of [old, key]) expect((await service.graphql('{ version }', {}, each)).status).toBe(200);
    await eventually(async () =>
      expect(
        (await service.keys.list('acme')).find(({ prefix }) => prefix === key.split('_')[1])?.lastUsedAt,
      ).toBeInstanceOf(Date),
    );
  });

  it('rotate to a successor of the same lifetime, and no more once they have expired', async () => {
    const lifetime = 3_600_000;
    const prefix = (await service.createKey({ expiresIn: lifetime })).split('_')[1]!;
    const { accessKey } = await service.keys.rotate(prefix, 0);
    expect(accessKey.expiresAt!.getTime() - accessKey.createdAt.getTime()).toBe(lifetime);
    await expect(service.keys.rotate(prefix, 0)).rejects.toThrow('has expired');
  });

  it('rotate no more once they are revoked, and a revocation stays', async () => {
    const prefix = (await service.createKey()).split('_')[1]!;
    const { revokedAt } = await service.keys.revoke(prefix);
    await expect(service.keys.rotate(prefix, 60_000)).rejects.toThrow('was revoked');
    expect(await service.keys.revoke(prefix)).toMatchObject({ prefix, revokedAt });
    expect(await service.keys.get(prefix)).toMatchObject({ tenant: 'acme', expiresAt: null, revokedAt });
  });

  it('are limited in mutations a second: 429 with Retry-After', async (context) => {
    if (queue === 'postgres') needsOneProcess(context, 'It counts what each node counts for itself.');
    const slow = await Service.start({ MUTATION_RATE: '1' });
    const register = 'mutation { registerRecipient(input: { recipient: "a" }) { token } }';
    const answers = await Promise.all(Array.from({ length: 60 }, () => slow.graphql(register)));
    await slow.stop();
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]!.errors[0]!.extensions.code).toBe('RATE_LIMITED');
    expect(refused[0]!.headers.get('retry-after')).toBe('1');
  });

  it('are limited in mutations a second: a document with more of them is refused before the first one is stored', async (context) => {
    if (queue === 'postgres') needsOneProcess(context, 'It counts what each node counts for itself.');
    const slow = await Service.start({ MUTATION_RATE: '5' });
    const pushes = (count: number) =>
      Array.from(
        { length: count },
        (_, i) => `a${i}: pushMessage(input: { recipients: ["a"], message: "text" }) { item { id } }`,
      ).join(' ');
    const refused = await slow.graphql(`mutation { ...f } fragment f on Mutation { ${pushes(6)} }`);
    expect(refused).toMatchObject({ status: 429, errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    expect(await storedRows(slow)).toBe(0);
    // In Redis the refused ones count towards the second in which they came.
    await eventually(async () => good(await slow.graphql(`mutation { ${pushes(5)} }`)));
    expect(await storedRows(slow)).toBe(5);
    await slow.stop();
  });

  it('that are not valid are counted for each address, and slowed: 429 with Retry-After', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    const node = await Service.start({ FAILED_KEY_RATE: '3', TRUSTED_PROXIES: '127.0.0.1' });
    const attempt = (key: string | null, address: string) =>
      node.post('{"query":"{ version }"}', key, { 'x-forwarded-for': address });
    const unknown = `homing_${'0'.repeat(10)}_${'0'.repeat(48)}`;
    const later = await node.createKey();
    expect((await attempt(node.key, '203.0.113.7')).status).toBe(200);

    const answers = await Promise.all(Array.from({ length: 20 }, () => attempt(unknown, '203.0.113.7')));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      401,
      401,
      401,
      ...Array.from({ length: 17 }, () => 429),
    ]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.errors[0]!.extensions.code).toBe('RATE_LIMITED');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.text).not.toContain(unknown);

    // A guess is not even looked at, and the key that was in use before is not locked out.
    expect((await attempt(later, '203.0.113.7')).status).toBe(429);
    expect((await attempt(`${node.key.slice(0, -4)}0000`, '::ffff:203.0.113.7')).status).toBe(429);
    expect((await attempt(unknown, '203.0.113.7:5555')).status).toBe(429);
    expect((await attempt(node.key, '203.0.113.7')).status).toBe(200);
    expect((await attempt(null, '203.0.113.7')).status).toBe(401);
    // Another address is not concerned; in IPv6 one is a whole network of 64 bits.
    for (const address of ['203.0.113.8', '2001:db8::1', '2001:db8::2', '2001:db8::3'])
      expect((await attempt(unknown, address)).status).toBe(401);
    expect((await attempt(unknown, '2001:db8::ffff:1')).status).toBe(429);
    expect((await attempt(unknown, '2001:db8:0:1::1')).status).toBe(401);
    await node.stop();
  });
});
