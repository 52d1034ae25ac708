import { randomBytes } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { DataSource } from 'typeorm';
import { inject } from 'vitest';
import type { AccessKeysService, NewAccessKey } from '../../src/access/access-keys.service.js';
import type { DomainEvents } from '../../src/events/domain-events.js';
import type { EventJob } from '../../src/events/events-queue.js';
import { ALL_SCOPES } from './access-keys.js';
import {
  type Answer,
  good,
  MESSAGE_FIELDS,
  type MessageFields,
  post,
  type Registered,
  registration,
} from './answer.js';
import { RecipientClient, type RecipientOptions } from './client.js';
import { eventually } from './eventually.js';
import { type Host, processes } from './host.js';
import type { Extension } from '../../src/extension.js';
import { NestHost } from './nest-host.js';
import { takeProcesses } from './process-host.js';

export { type Answer, good, MESSAGE_FIELDS, type MessageFields } from './answer.js';
export { needsOneProcess, oneProcess, queue, queueIsHere } from './host.js';

/** A whole service on a database of its own: in this process, or several processes behind a balancer. */
export class Service {
  private clients: RecipientClient[] = [];

  private constructor(
    private readonly host: Host,
    /** A key of the tenant "acme" with all scopes; none when it has no API. */
    readonly key: string,
  ) {}

  /** Starts a service. `environment` holds settings by the names of their environment variables. */
  static async start(environment: Record<string, string> = {}): Promise<Service> {
    return Service.on(
      processes > 0
        ? await takeProcesses(environment)
        : await NestHost.start(environment, `test_${randomBytes(6).toString('hex')}`, inject('databaseUrl')),
    );
  }

  /** Starts a service in this process, whose database is reached at the address of this server. */
  static async startBehind(server: string, environment: Record<string, string> = {}): Promise<Service> {
    return Service.on(await NestHost.start(environment, `test_${randomBytes(6).toString('hex')}`, server));
  }

  /** Starts a service in this process, and its other nodes, with something added. */
  static async startExtended(
    extension: Extension,
    environment: Record<string, string> = {},
    server = inject('databaseUrl'),
  ): Promise<Service> {
    const database = `test_${randomBytes(6).toString('hex')}`;
    return Service.on(await NestHost.start(environment, database, server, extension));
  }

  /** The service that this host runs. */
  static async on(host: Host): Promise<Service> {
    if (!host.hasApi) return new Service(host, '');
    const { key } = await host.keys.create({ tenant: 'acme', name: 'test', scope: ALL_SCOPES });
    return new Service(host, key);
  }

  /** Another node of this installation. It is reached by itself, not through a balancer. */
  async startSecondNode(environment: Record<string, string> = {}): Promise<Service> {
    return Service.on(await this.host.startNode(environment));
  }

  /** The nodes of this service, each reached by itself. */
  get nodes(): Service[] {
    return this.host.nodes.map((node) => new Service(node, this.key));
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.socket.terminate();
    await this.host.stop();
  }

  /** Stops it as SIGTERM does: its connections are drained first. */
  async shutDown(): Promise<void> {
    await this.host.shutDown();
  }

  get url(): string {
    return this.host.url;
  }

  get app(): INestApplication {
    return this.host.app;
  }

  get dataSource(): DataSource {
    return this.host.dataSource;
  }

  get keys(): AccessKeysService {
    return this.host.keys;
  }

  /** What tells everybody of what happened, as a node does. */
  get events(): DomainEvents {
    return this.host.events;
  }

  /** The queue of the installation. */
  get jobs(): Queue<EventJob> {
    return this.host.jobs;
  }

  async createKey(key: Partial<NewAccessKey> = {}): Promise<string> {
    return (await this.keys.create({ tenant: 'acme', name: 'test', scope: ALL_SCOPES, ...key })).key;
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
    return post<D>(this.url, body, key, { ...this.host.headers, ...headers });
  }

  /** Registers a recipient and gives its connectionUri. */
  async register(
    input: string | { recipient: string; topic?: string; sourceIp?: string; origin?: string },
    key?: string,
  ): Promise<string> {
    const answer = await this.post<{ registerRecipient: Registered }>(
      registration(typeof input === 'string' ? { recipient: input } : input),
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
    await this.host.setClock(offset);
  }

  /** Revokes the tokens of a recipient. This node, or every one behind the balancer, knows when it is done. */
  async revoke(recipient: string, tenant = 'acme'): Promise<void> {
    await this.host.revoke(tenant, recipient);
  }
}
