import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Redis } from 'ioredis';
import { lexicographicSortSchema, buildSchema, printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { WebSocket } from 'ws';
import { HomingModule } from '../../src/homing.module.js';
import { AccessKeysService } from '../../src/access/access-keys.service.js';
import { BadUserInputError } from '../../src/graphql/errors.js';
import { MessagesService } from '../../src/messages/messages.service.js';
import { RecipientsService } from '../../src/recipients/recipients.service.js';
import type { HomingOptions } from '../../src/mounted/homing-options.js';
import { post } from '../support/answer.js';
import { RecipientClient } from '../support/client.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { ALL_SCOPES } from '../support/access-keys.js';
import { TheirApplication } from '../support/their-application.js';

const SECRETS = 'a:a secret of 32 characters or more';
const NAME = `mounted_${process.pid}`;
const REDIS_IS_HERE = inject('redisUrl') !== '';

// This file is in a process of its own, as those beside it: Nest keeps the types of all schemas of a process in one place, and those of the
// application would be in the way of other services.
const WAYS = [
  { queue: 'PostgreSQL', sockets: false },
  { queue: 'PostgreSQL', sockets: true },
  { queue: 'Redis', sockets: false },
].filter(({ queue }) => queue === 'PostgreSQL' || REDIS_IS_HERE);

describe.each(WAYS)(
  'A service, queue in $queue, mounted in an application, WebSockets of its own: $sockets',
  ({ queue, sockets }) => {
    let databaseUrl: string;
    let homing: HomingOptions;
    let theirs: TheirApplication;
    let key: string;

    beforeAll(async () => {
      databaseUrl = await createDatabase(`${NAME}_${queue}_${sockets}_theirs`);
      homing = {
        settings: {
          NAMESPACE: `${NAME}_${sockets}`,
          DATABASE_URL: await createDatabase(`${NAME}_${queue}_${sockets}_ours`),
          REDIS_URL: queue === 'Redis' ? inject('redisUrl') : undefined,
          ADMIN_PASSWORD: 'a long password',
          TOKEN_SECRETS: SECRETS,
          DRAIN_TIME: '0',
        },
      };
      theirs = await TheirApplication.start({ databaseUrl, redisUrl: inject('redisUrl'), sockets, homing });
      ({ key } = await theirs.app.get(AccessKeysService).create({ tenant: 'acme', name: 'test', scope: ALL_SCOPES }));
    });

    afterAll(() => theirs?.app.close());

    const connect = (): Promise<RecipientClient> =>
      RecipientClient.connect(
        theirs.app.get(RecipientsService).register('acme', { recipient: 'ann' }, theirs.url).connectionUri,
      );

    it('delivers what their code pushes, and tells the status', async () => {
      const ann = await connect();
      const answer = await post(
        theirs.url,
        JSON.stringify({ query: 'mutation { pushMessage(subject: "Hello") { id } }' }),
        null,
      );
      expect(answer.data).toEqual({ pushMessage: { id: '1' } });
      expect(await ann.received(1)).toEqual(['Hello']);
      await eventually(async () => {
        const { items } = await theirs.app.get(MessagesService).list('acme', { filter: { recipient: 'ann' } });
        expect(items.map(({ status }) => status)).toEqual(['DELIVERED']);
      });
      ann.socket.close();
    });

    it('answers its own API below its path, and gives a connectionUri there', async () => {
      const query = 'mutation { registerRecipient(input: { recipient: "bob" }) { connectionUri } }';
      const { data } = await post<{ registerRecipient: { connectionUri: string } }>(
        `${theirs.url}/homing`,
        JSON.stringify({ query }),
        key,
      );
      const uri = data?.registerRecipient.connectionUri ?? '';
      expect(uri).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/homing\/\?token=/);
      const bob = await RecipientClient.connect(uri);
      bob.socket.close();
      expect((await fetch(`${theirs.url}/homing/health/ready`)).status).toBe(200);
      expect((await fetch(`${theirs.url}/homing/nothing`)).status).toBe(404);
    });

    it('has the schema that it has alone, and leaves theirs as it was', async () => {
      const { data } = await post<{ __schema: { types: { name: string }[] } }>(
        `${theirs.url}/homing`,
        JSON.stringify({ query: '{ __schema { types { name } } }' }),
        key,
      );
      const ours = buildSchema(readFileSync('schema.graphql', 'utf8')).getTypeMap();
      expect(data?.__schema.types.map(({ name }) => name).sort()).toEqual(Object.keys(ours).sort());
      const alone = await TheirApplication.start({ databaseUrl, redisUrl: inject('redisUrl'), sockets });
      const sorted = (schema: string) => printSchema(lexicographicSortSchema(buildSchema(schema)));
      expect(sorted(theirs.schema)).toBe(sorted(alone.schema));
      await alone.app.close();
    });

    it('leaves their routes, tables and guard alone', async () => {
      expect(await (await fetch(theirs.url)).text()).toBe('theirs');
      expect((await fetch(`${theirs.url}/health/ready`)).status).toBe(404);
      expect(theirs.dataSource.entityMetadatas.map(({ tableName }) => tableName)).toEqual(['notes']);
      const tables = await theirs.dataSource.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
      expect(tables).toEqual([{ tablename: 'notes' }]);
      const asked = theirs.guardAsked;
      await post(`${theirs.url}/homing`, JSON.stringify({ query: '{ version }' }), key);
      expect(theirs.guardAsked).toBe(asked);
    });

    it.skipIf(!REDIS_IS_HERE)('leaves their queue in their Redis', async () => {
      const job = await theirs.queue.add('work', {});
      expect((await theirs.queue.getJob(job.id ?? ''))?.name).toBe('work');
      const redis = new Redis(inject('redisUrl'));
      expect(await redis.exists(`bull:theirs:${job.id}`)).toBe(1);
      redis.disconnect();
      await theirs.queue.obliterate({ force: true });
    });

    it('takes no upgrade that is theirs', async () => {
      const socket = new WebSocket(`${theirs.url.replace('http', 'ws')}/their-socket`);
      const outcome = await new Promise<string>((resolve) => {
        socket.on('message', (data) => resolve(String(data)));
        socket.on('error', (error) => resolve(error.message));
      });
      socket.terminate();
      expect(outcome).toBe(sockets ? 'theirs' : 'Unexpected server response: 404');
    });

    it.skipIf(sockets)('lets them answer a request that offers another protocol', async () => {
      const text = await new Promise<string>((resolve, reject) => {
        const request = httpRequest(`${theirs.url}/echo`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' },
        });
        request.on('response', (response) => {
          let body = '';
          response.on('data', (chunk) => (body += String(chunk)));
          response.on('end', () => resolve(`${response.statusCode} ${body}`));
        });
        request.on('error', reject);
        request.end('{"a":1}');
      });
      expect(text).toBe('201 {"a":1}');
    });

    it.each([
      ['a WebSocket in the absolute form', 'http://x/homing/', 'websocket', '101'],
      ['a WebSocket in another case', '/HOMING/', 'websocket', '101'],
      ['another protocol as a request', '/homing/health/live', 'h2c', '200'],
    ])('takes %s', async (_form, path, upgrade, status) => {
      const { token } = theirs.app.get(RecipientsService).register('acme', { recipient: 'dan' }, theirs.url);
      const { hostname, port } = new URL(theirs.url);
      const socket = connectTcp(Number(port), hostname);
      const head = [
        `GET ${path}?token=${token} HTTP/1.1`,
        'Host: x',
        'Connection: Upgrade',
        `Upgrade: ${upgrade}`,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ];
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      expect(String(answer).split(' ')[1]).toBe(status);
    });

    it('gives no token for what restricts nobody', () => {
      const recipients = theirs.app.get(RecipientsService);
      for (const wrong of [{ sourceIp: 'nowhere' }, { origin: 'nowhere' }])
        expect(() => recipients.register('acme', { recipient: 'ann', ...wrong }, theirs.url)).toThrow(
          BadUserInputError,
        );
    });

    it('has its tour below its path', async () => {
      const page = await fetch(`${theirs.url}/homing`, { headers: { accept: 'text/html' } });
      expect(page.url).toBe(`${theirs.url}/homing/`);
      expect(page.headers.get('content-type')).toContain('text/html');
    });

    it('has its admin pages below its path', async () => {
      const { headers } = await fetch(`${theirs.url}/homing/admin`, {
        redirect: 'manual',
        headers: { accept: 'text/html' },
      });
      expect(headers.get('location')).toBe('/homing/admin/login');
      const login = await fetch(`${theirs.url}/homing/admin/login`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: theirs.url, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'password=a+long+password',
      });
      expect(login.headers.get('location')).toBe('/homing/admin');
      const cookie = login.headers.get('set-cookie') ?? '';
      expect(cookie).toContain('Path=/homing/admin;');
      const [session = ''] = cookie.split(';');
      const page = await fetch(`${theirs.url}/homing/admin`, { headers: { cookie: session } });
      const styles = [...(await page.text()).matchAll(/(?:href|src)="([^"]*\.(?:css|js))"/g)].map(([, path]) => path);
      expect(styles.length).toBeGreaterThan(1);
      for (const path of styles)
        expect((await fetch(new URL(path ?? '', page.url), { headers: { cookie: session } })).status).toBe(200);
      const board = await fetch(`${theirs.url}/homing/admin/queues`, { headers: { cookie: session } });
      expect(await board.text()).toContain('/homing/admin/queues/');
    });

    it('closes its connections when the application stops', async () => {
      const another = await TheirApplication.start({ databaseUrl, redisUrl: inject('redisUrl'), sockets, homing });
      const { connectionUri } = another.app.get(RecipientsService).register('acme', { recipient: 'eve' }, another.url);
      const eve = await RecipientClient.connect(connectionUri);
      await another.app.close();
      expect((await eve.closing()).code).toBe(1012);
    });
  },
);

it('A service works in an application context, without a server', async () => {
  const settings = { NAMESPACE: NAME, DATABASE_URL: await createDatabase(`${NAME}_context`), TOKEN_SECRETS: SECRETS };
  const context = await NestFactory.createApplicationContext(HomingModule.forRoot({ settings }), {
    logger: false,
    abortOnError: false,
  });
  const { items } = await context.get(MessagesService).list('acme', {});
  expect(items).toEqual([]);
  await context.close();
});

describe('A service is not mounted', () => {
  it('in an application on Fastify', async () => {
    class Fastify extends ExpressAdapter {
      override getType(): string {
        return 'fastify';
      }
    }
    const start = NestFactory.create(HomingModule.forRoot(), new Fastify(), { logger: false, abortOnError: false });
    await expect(start).rejects.toThrow('when it runs on Express');
  });

  it.each([
    [{ path: '/' }, 'The path must be one such as /homing'],
    [{ path: 'homing' }, 'The path must be one such as /homing'],
    [{ settings: { PORT: '80' } }, 'PORT is decided by the application'],
    [{ settings: { DATABSE_URL: 'postgres://localhost/x' } }, 'There is no setting DATABSE_URL'],
    [{ settings: { MAX_RECIPIENTS: 'many' } }, 'MAX_RECIPIENTS must be'],
  ] as const)('with %j', async (homing, sentence) => {
    const start = TheirApplication.start({
      databaseUrl: await createDatabase(`${NAME}_false_theirs`),
      redisUrl: '',
      sockets: false,
      homing,
    });
    await expect(start).rejects.toThrow(sentence);
  });
});
