import { getQueueToken } from '@nestjs/bullmq';
import type { INestApplication } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { DataSource } from 'typeorm';
import { AccessKeysService } from '../../src/access/access-keys.service.js';
import { createApplication } from '../../src/application.js';
import { readSettings } from '../../src/config/settings.js';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { DomainEvents } from '../../src/events/domain-events.js';
import { EVENTS_QUEUE, type EventJob } from '../../src/events/events-queue.js';
import { Drain } from '../../src/drain/drain.js';
import type { Extension } from '../../src/extension.js';
import { RecipientsService } from '../../src/recipients/recipients.service.js';
import { createDatabase } from './database.js';
import { type Host, SECRET, setDatabaseClock, settingsOf } from './host.js';

/** One node, in the process of the test. */
export class NestHost implements Host {
  readonly headers = {};

  private constructor(
    readonly app: INestApplication,
    readonly url: string,
    readonly hasApi: boolean,
    private readonly database: string,
    private readonly server: string,
    private readonly extension: Extension,
  ) {}

  static async start(
    environment: Record<string, string>,
    database: string,
    server: string,
    extension: Extension = {},
  ): Promise<NestHost> {
    const databaseUrl = environment['DATABASE_URL'] ?? (await createDatabase(database, server));
    const settings = readSettings(settingsOf(database, databaseUrl, environment));
    const app = await createApplication({
      settings,
      secrets: [SECRET],
      databaseUrl,
      adminPassword: settings.adminPassword,
      extension,
    });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as { port: number };
    const url = `${settings.tlsCertFile === '' ? 'http' : 'https'}://127.0.0.1:${port}`;
    return new NestHost(app, url, settings.roles.includes('api'), database, server, extension);
  }

  get nodes(): readonly Host[] {
    return [this];
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource);
  }

  get keys(): AccessKeysService {
    return this.app.get(AccessKeysService, { strict: false });
  }

  get jobs(): Queue<EventJob> {
    return this.app.get<Queue<EventJob>>(getQueueToken(EVENTS_QUEUE), { strict: false });
  }

  get events(): DomainEvents {
    return this.app.get(DomainEvents, { strict: false });
  }

  startNode(environment: Record<string, string>): Promise<NestHost> {
    return NestHost.start(environment, this.database, this.server, this.extension);
  }

  revoke(tenant: string, recipient: string): Promise<void> {
    return this.app.get(RecipientsService, { strict: false }).revoke(tenant, recipient);
  }

  async setClock(offset: number): Promise<void> {
    await setDatabaseClock(this.dataSource, offset);
    await this.app.get(DatabaseClock, { strict: false }).sync();
  }

  async shutDown(): Promise<void> {
    await this.app.get(Drain, { strict: false }).drain();
    await this.stop();
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
