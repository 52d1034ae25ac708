import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { good, post, type Registered, registration } from '../support/answer.js';
import { RecipientClient } from '../support/client.js';
import { type ComposedInstallation, startComposed } from '../support/compose.js';
import { eventually } from '../support/eventually.js';
import { SECRET } from '../support/host.js';
import { ALL_SCOPES } from '../support/access-keys.js';

const OLD = `${SECRET.id}:${SECRET.secret}`;
const NEW = `next:${randomBytes(32).toString('hex')}`;

// The steps are those of docs/operations.md.
describe('the secrets of an installation', () => {
  let composed: ComposedInstallation;
  let url: string;
  let key: string;
  beforeAll(async () => {
    composed = await startComposed({ DATABASE_POOL_SIZE: '5' });
    url = `http://127.0.0.1:${composed.balancer.port}`;
    ({ key } = await composed.installation.keys.create({ tenant: 'acme', name: 'test', scope: ALL_SCOPES }));
  });
  afterAll(() => composed?.close());

  const register = async () =>
    good(await post<{ registerRecipient: Registered }>(url, registration({ recipient: 'ann' }), key)).registerRecipient
      .connectionUri;
  const database = async (address: string, ...statements: string[]) => {
    const client = new Client({ connectionString: address });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };

  it('are changed one after the other while it serves: no push fails that may be sent again once after a 503', async () => {
    const { installation, environment } = composed;
    const { DATABASE_URL: databaseUrl = '', REDIS_URL: redisUrl = '' } = environment;
    const [oldDatabase, newDatabase, newRedis] = [new URL(databaseUrl), new URL(databaseUrl), new URL(redisUrl)];
    const role = oldDatabase.username;
    [newDatabase.username, newDatabase.password] = [`${role}_b`, 'b'.repeat(20)];
    newRedis.password = 'c'.repeat(20);
    const ports = composed.nodes.map(({ port }) => String(port));
    const nodes = [...composed.nodes];
    const restartAll = async (settings: Record<string, string>) => {
      for (const [i, node] of nodes.entries()) {
        await composed.nginx.take(`127.0.0.1:${node.port}`, 'out');
        await installation.stopNode(node);
        nodes[i] = await installation.startNode({ ...settings, PORT: ports[i] ?? '' });
        await composed.nginx.take(`127.0.0.1:${node.port}`, 'in');
      }
    };

    const stop = new AbortController();
    const texts: string[] = [];
    const pushing = (async () => {
      while (!stop.signal.aborted) {
        const text = `${texts.length}`;
        const query = `mutation { pushMessage(input: { recipients: ["ann"], message: "${text}" }) { item { id } } }`;
        // nginx ends idle connections of clients when it takes up a new configuration.
        const push = () => post(url, JSON.stringify({ query }), key, { connection: 'close' });
        const first = await push();
        good(first.status === 503 ? await push() : first);
        texts.push(text);
      }
    })();
    pushing.catch(() => undefined);
    const oldUri = await register();

    // A second role that is the first one, and a second password of Redis.
    await database(
      inject('databaseUrl'),
      `CREATE ROLE ${newDatabase.username} LOGIN PASSWORD '${newDatabase.password}' IN ROLE ${role}`,
      `ALTER ROLE ${newDatabase.username} SET role = '${role}'`,
    );
    const redis = new Redis(redisUrl);
    await redis.call('ACL', 'SETUSER', 'default', `>${newRedis.password}`);
    const next = { DATABASE_URL: newDatabase.href, REDIS_URL: newRedis.href };
    await restartAll({ ...next, TOKEN_SECRETS: `${OLD},${NEW}` });
    await redis.call('ACL', 'SETUSER', 'default', `<${new URL(redisUrl).password}`);
    await database(inject('databaseUrl'), `ALTER ROLE ${role} NOLOGIN`);
    await expect(database(databaseUrl)).rejects.toThrow(/not permitted to log in/);
    redis.disconnect();
    const refused = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null });
    refused.on('error', () => undefined);
    await expect(refused.connect()).rejects.toThrow();

    await restartAll({ ...next, TOKEN_SECRETS: `${NEW},${OLD}` });
    await (await RecipientClient.connect(oldUri)).close();
    const newUri = await register();
    await restartAll({ ...next, TOKEN_SECRETS: NEW });
    await expect(RecipientClient.connect(oldUri)).rejects.toMatchObject({ status: 401 });

    stop.abort();
    await pushing;
    const client = await RecipientClient.connect(newUri);
    await eventually(() => expect(client.messages.at(-1)).toBe(texts.at(-1)));
  });
});
