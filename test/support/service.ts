import { randomBytes } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { inject } from 'vitest';
import { AccessKeysService, type NewAccessKey } from '../../src/access/access-keys.service.js';
import { createApplication } from '../../src/application.js';
import { readSettings } from '../../src/config/settings.js';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { createDatabase } from './database.js';
import { eventually } from './eventually.js';
import { RecipientClient, type RecipientOptions } from './client.js';

export const ALL_SCOPES = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';

/** Which queue this run of the suite uses, and whether this machine has it. */
export const queue = process.env['HOMING_TEST_QUEUE'] === 'redis' ? 'redis' : 'postgres';
export const queueIsHere = queue === 'postgres' || inject('redisUrl') !== '';

/** A GraphQL answer with its HTTP status. */
export interface Answer<D = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: D;
  readonly errors: readonly {
    message: string;
    path?: (string | number)[];
    extensions: { code: string; field?: string; [key: string]: unknown };
  }[];
  readonly text: string;
}

export interface MessageFields {
  readonly id: string;
  readonly recipient: string;
  readonly message: string;
  readonly topic: string | null;
  readonly status: 'PENDING' | 'DELIVERED' | 'CANCELLED';
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly deliveredAt: string | null;
  readonly cancelledAt: string | null;
  readonly globalMessageId: string | null;
}

export const MESSAGE_FIELDS =
  'id recipient message topic status expiresAt createdAt deliveredAt cancelledAt globalMessageId';

/** A whole service on a database of its own, in this process. */
export class Service {
  private clients: RecipientClient[] = [];

  private constructor(
    readonly app: INestApplication,
    readonly url: string,
    /** A key of the tenant "acme" with all scopes; none when it has no API. */
    readonly key: string,
    private readonly databaseName: string,
  ) {}

  /**
   * Starts a service. `environment` holds settings by the names of their environment variables.
   * Several services share a database (and so are nodes of one installation) when they are given the same `database`.
   */
  static async start(
    environment: Record<string, string> = {},
    database = `test_${randomBytes(6).toString('hex')}`,
    server = inject('databaseUrl'),
  ): Promise<Service> {
    const databaseUrl = await createDatabase(database, server);
    const settings = readSettings({
      NODE_ENV: 'test',
      PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_TIME: '0',
      NAMESPACE: database,
      DATABASE_URL: databaseUrl,
      ...(queue === 'redis' && { REDIS_URL: inject('redisUrl') }),
      LOG_LEVEL: 'error',
      ...environment,
    });
    const app = await createApplication({
      settings,
      secrets: [{ id: 'test', secret: 'a secret of 32 characters or more' }],
      databaseUrl,
    });
    await app.listen(0, '127.0.0.1');
    const { key } = settings.roles.includes('api')
      ? await app.get(AccessKeysService, { strict: false }).create({ tenant: 'acme', name: 'test', scope: ALL_SCOPES })
      : { key: '' };
    return new Service(
      app,
      `${settings.tlsCertFile === '' ? 'http' : 'https'}://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`,
      key,
      database,
    );
  }

  /** Another node of this installation. */
  async startSecondNode(environment: Record<string, string> = {}): Promise<Service> {
    return Service.start(environment, this.databaseName);
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.socket.terminate();
    await this.app.close();
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource);
  }

  async createKey(key: Partial<NewAccessKey> = {}): Promise<string> {
    const created = await this.app
      .get(AccessKeysService, { strict: false })
      .create({ tenant: 'acme', name: 'test', scope: ALL_SCOPES, ...key });
    return created.key;
  }

  /** Sends a GraphQL operation, with this service's key unless another (or none: null) is given. */
  async graphql<D = Record<string, unknown>>(
    query: string,
    variables: object = {},
    key: string | null = this.key,
  ): Promise<Answer<D>> {
    return this.post<D>(JSON.stringify({ query, variables }), key);
  }

  /** Sends a raw body to the API. */
  async post<D = Record<string, unknown>>(
    body: string,
    key: string | null = this.key,
    headers: Record<string, string> = {},
  ): Promise<Answer<D>> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== null && { 'x-api-key': key }), ...headers },
      body,
    });
    const text = await response.text();
    const answer = (text.startsWith('{') ? JSON.parse(text) : {}) as { data?: D; errors?: Answer['errors'] };
    return {
      status: response.status,
      headers: response.headers,
      data: answer.data as D,
      errors: answer.errors ?? [],
      text,
    };
  }

  /** Registers a recipient and gives its connectionUri. */
  async register(
    input: string | { recipient: string; topic?: string; sourceIp?: string; origin?: string },
    key?: string,
  ): Promise<string> {
    const answer = await this.graphql<{ registerRecipient: { connectionUri: string } }>(
      'mutation($input: RegisterRecipientInput!) { registerRecipient(input: $input) { connectionUri } }',
      { input: typeof input === 'string' ? { recipient: input } : input },
      key,
    );
    return good(answer).registerRecipient.connectionUri;
  }

  /** Registers a recipient and connects as it. */
  async connect(
    input: Parameters<Service['register']>[0],
    options: RecipientOptions = {},
    key?: string,
  ): Promise<RecipientClient> {
    const client = await RecipientClient.connect(await this.register(input, key), options);
    this.clients.push(client);
    return client;
  }

  /** Pushes a message to one or more recipients and gives what was stored, in their order. */
  async push(
    recipients: string | string[],
    message: string,
    more: { topic?: string; expiresAt?: string } = {},
    key?: string,
  ): Promise<MessageFields[]> {
    const answer = await this.graphql<{ pushMessage: { item: MessageFields; error: { message: string } | null }[] }>(
      `mutation($input: MessageInput!) { pushMessage(input: $input) { item { ${MESSAGE_FIELDS} } error { message } } }`,
      { input: { recipients: [recipients].flat(), message, ...more } },
      key,
    );
    return good(answer).pushMessage.map(({ item }) => item);
  }

  /** Pushes a global message and gives its id. */
  async pushGlobal(message: string, more: { topic?: string; expiresAt?: string } = {}, key?: string): Promise<string> {
    const answer = await this.graphql<{ pushGlobalMessage: { id: string } }>(
      'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id } }',
      { input: { message, ...more } },
      key,
    );
    return good(answer).pushGlobalMessage.id;
  }

  /** Lists messages, newest first. */
  async messages(filter: object = {}, key?: string): Promise<MessageFields[]> {
    const answer = await this.graphql<{ messages: { items: MessageFields[] } }>(
      `query($filter: MessagesFilter) { messages(filter: $filter, limit: 1000) { items { ${MESSAGE_FIELDS} } } }`,
      { filter },
      key,
    );
    return good(answer).messages.items;
  }

  /** Waits until the message has the status, and gives it. */
  async settled(id: string, status: MessageFields['status']): Promise<MessageFields> {
    return eventually(async () => {
      const message = (await this.messages()).find((candidate) => candidate.id === id);
      if (message?.status !== status)
        throw new Error(`The message ${id} is ${message?.status ?? 'gone'}, not ${status}`);
      return message;
    });
  }

  /** Sets the one clock of the service this many milliseconds ahead (or behind) of the real one. */
  async setClock(offset: number): Promise<void> {
    await this.dataSource.query(`
      CREATE OR REPLACE FUNCTION homing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
      AS $$ SELECT date_trunc('milliseconds', statement_timestamp() + ${Math.round(offset)} * interval '1 millisecond') $$`);
    await this.app.get(DatabaseClock, { strict: false }).sync();
  }
}

/** An answer's data; fails when there are errors. */
export function good<D>(answer: Answer<D>): D {
  if (answer.errors.length > 0 || answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer.data;
}
