import type { Server } from 'node:http';
import type { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { HttpServer, Type } from '@nestjs/common';
import { composeApplication } from '../application.js';
import { MountPath } from '../config/mount-path.js';
import { adminPassword, tokenSecrets } from '../config/secrets.js';
import { SettingsError } from '../config/settings.error.js';
import { type Database, resolveDatabase } from '../database/database.js';
import { Drain } from '../drain/drain.js';
import { HandlerExplorer } from '../handlers/handler-explorer.js';
import { Log } from '../log/log.js';
import { passwordsOf } from '../log/scrubber.js';
import { Entrance } from './entrance.js';
import { withoutForeignTypes } from './foreign-types.js';
import type { HomingOptions } from './homing-options.js';
import { writeToHost } from './mounted-log.js';
import { mountedPath, mountedSettings } from './mounted-settings.js';

/**
 * A whole service within an application: a Nest application of its own, so that neither sees the other's modules, connections,
 * guards, pipes and GraphQL schema (ADR 27). It listens nowhere: what comes to its path is handed to it.
 */
export class MountedService {
  private constructor(
    private readonly app: NestExpressApplication,
    private readonly database: Database,
    private readonly entrance: Entrance,
  ) {}

  /** Starts it. @throws SettingsError when the options, or the application's server, can't be used */
  static async start(options: HomingOptions, host: HttpAdapterHost): Promise<MountedService> {
    // Nothing is there in an application without a server.
    if ((host.httpAdapter as HttpServer | undefined)?.getType() === 'fastify')
      throw new SettingsError(['An application can mount the service when it runs on Express, not on Fastify.']);
    const settings = mountedSettings(options);
    const path = mountedPath(options);
    const secrets = tokenSecrets(settings);
    const scrubber = writeToHost(settings);
    const log = new Log('Homing');
    const database = await resolveDatabase(settings, (sentence) => log.write('service.starting', sentence));
    try {
      const admin = adminPassword(settings);
      scrubber.hide([...passwordsOf(database.url), ...(admin ? [admin.text] : [])]);
      const app = await composeApplication({
        settings,
        secrets,
        databaseUrl: database.url,
        adminPassword: admin?.text ?? null,
        mountPath: new MountPath(path),
        extension: options,
      });
      if (admin?.isNew)
        log.write('admin.password-made', `A password of the admin pages was made, and is kept in ${admin.file}`);
      return new MountedService(app, database, new Entrance(path, app.getHttpServer()));
    } catch (error) {
      await database.release();
      throw error;
    }
  }

  /**
   * Begins its work, with the handlers of domain events that the application has, too.
   * @throws Error when a handler can't be used
   */
  async begin(handlers: DiscoveryService): Promise<void> {
    try {
      this.get(HandlerExplorer).explore(handlers);
      await withoutForeignTypes(() => this.app.init());
    } catch (error) {
      // Nest closes no application whose start has failed.
      await this.database.release();
      throw error;
    }
  }

  /** Its own instance of one of its services. */
  get<T>(service: Type<T>): T {
    return this.app.get(service, { strict: false });
  }

  /** Takes the requests that come to its path, as soon as the application has a server. */
  takeRequests(host: HttpAdapterHost): void {
    host.init$.subscribe(() => {
      // There is none in an application context.
      const adapter = host.httpAdapter as HttpServer | undefined;
      if (!adapter) return;
      this.entrance.takeRequests(adapter);
      // The first step of the application's end. In the next one its Apollo would cut every WebSocket as an idle connection.
      const beforeClose = adapter.beforeClose?.bind(adapter);
      adapter.beforeClose = async () => {
        await this.get(Drain).drain();
        return beforeClose?.();
      };
    });
  }

  takeUpgrades(host: HttpAdapterHost): void {
    const server = host.httpAdapter?.getHttpServer() as Server | undefined;
    if (server) this.entrance.takeUpgrades(server);
  }

  /** Closes its connections gently, as `DRAIN_TIME` says, and stops it. */
  async stop(): Promise<void> {
    await this.get(Drain).drain();
    await this.app.close();
    await this.database.release();
  }
}
