import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import { AccessKeysService } from './access/access-keys.service.js';
import { GlobalMessagesService } from './global-messages/global-messages.service.js';
import { MessagesService } from './messages/messages.service.js';
import type { HomingOptions } from './mounted/homing-options.js';
import { MountedService } from './mounted/mounted-service.js';
import { RecipientsService } from './recipients/recipients.service.js';

const OPTIONS = Symbol('the options of Homing');
const SERVICES: readonly Type[] = [RecipientsService, MessagesService, GlobalMessagesService, AccessKeysService];

/** Options that are made of what other modules provide. */
export interface HomingAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** What the factory is called with, from these imports and from global modules. */
  readonly inject?: FactoryProvider['inject'];
  /** Makes the options. Their own `imports` are modules within Homing; those beside this factory are the application's. */
  readonly useFactory: (...dependencies: never[]) => HomingOptions | Promise<HomingOptions>;
}

/**
 * Mounts the service in a Nest application, beside its own GraphQL schema, database connections and routes. The module is global: its
 * services are injected without an import. An application that wants connections to be closed gently when it stops calls
 * `enableShutdownHooks`.
 *
 * @example
 * @Module({ imports: [HomingModule.forRoot({ path: '/homing' })] })
 * export class AppModule {}
 */
@Module({})
export class HomingModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly discovery: DiscoveryService,
    @Inject(MountedService) private readonly service: MountedService,
  ) {}

  /** With these options; without any it brings its own PostgreSQL, and is reached at `/homing`. */
  static forRoot(options: HomingOptions = {}): DynamicModule {
    return HomingModule.forRootAsync({ useFactory: () => options });
  }

  /** With options that a factory makes, of what is injected into it. */
  static forRootAsync({ imports = [], inject = [], useFactory }: HomingAsyncOptions): DynamicModule {
    return {
      module: HomingModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        { provide: OPTIONS, inject, useFactory },
        {
          provide: MountedService,
          inject: [OPTIONS, HttpAdapterHost],
          useFactory: async (options: HomingOptions, host: HttpAdapterHost) => {
            const service = await MountedService.start(options, host);
            service.takeRequests(host);
            return service;
          },
        },
        ...SERVICES.map((service) => ({
          provide: service,
          inject: [MountedService],
          useFactory: (mounted: MountedService) => mounted.get(service),
        })),
      ],
      exports: [...SERVICES],
    };
  }

  async onModuleInit(): Promise<void> {
    await this.service.begin(this.discovery);
    this.service.takeUpgrades(this.host);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.service.stop();
  }
}
