import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { AdminModule } from './admin/admin.module.js';
import { ConfigModule } from './config/config.module.js';
import type { MountPath } from './config/mount-path.js';
import type { NodeId } from './config/node-id.js';
import type { TokenSecret } from './config/secrets.js';
import type { Role } from './config/service-settings.js';
import type { SettingValues } from './config/settings.js';
import { DatabaseModule } from './database/database.module.js';
import { ProcessorModule } from './delivery/processor.module.js';
import { DrainModule } from './drain/drain.module.js';
import { EventsModule } from './events/events.module.js';
import type { Extension } from './extension.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { ConsoleModule } from './graphql/console/console.module.js';
import { GraphqlModule } from './graphql/graphql.module.js';
import { HandlersModule } from './handlers/handlers.module.js';
import { HealthModule } from './health/health.module.js';
import { MetricsServerModule } from './metrics/metrics-server.module.js';
import { NodesModule } from './nodes/nodes.module.js';
import { RelayModule } from './relay/relay.module.js';
import { ServicesModule } from './services.module.js';
import { StrategiesModule } from './strategies.module.js';
import { TourModule } from './tour/tour.module.js';

/** What a running service is made of. */
export interface ServiceOptions {
  readonly settings: SettingValues;
  readonly secrets: readonly TokenSecret[];
  /** The PostgreSQL server that is used: that of `DATABASE_URL`, or the embedded one's. */
  readonly databaseUrl: string;
  /** The password of the admin pages; null for none of them. */
  readonly adminPassword: string | null;
  readonly node?: NodeId;
  readonly mountPath?: MountPath;
  readonly extension?: Extension;
}

/** What a node is made of besides what all have, by its roles. */
const PARTS: Readonly<Record<Role, (settings: SettingValues) => NonNullable<ModuleMetadata['imports']>>> = {
  api: ({ tour }) => [
    ServicesModule,
    AccessModule,
    GraphqlModule.forRoot(),
    ConsoleModule,
    ...(tour === 'on' ? [TourModule] : []),
  ],
  gateway: () => [GatewayModule],
  worker: () => [ProcessorModule],
};

/** Whether a node has the admin pages: nodes that answer the API do, where there is a password. */
export function hasAdminPages({
  settings,
  adminPassword,
}: Pick<ServiceOptions, 'settings' | 'adminPassword'>): boolean {
  return adminPassword !== null && settings.roles.includes('api');
}

/** The whole service, or as much of it as the node's roles need. It only composes. */
@Module({})
export class AppModule {
  static forRoot(options: ServiceOptions): DynamicModule {
    const { settings, secrets, databaseUrl, adminPassword, node, mountPath, extension = {} } = options;
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(settings, secrets, node, mountPath),
        DatabaseModule.forRoot(databaseUrl, extension.clock),
        EventsModule.forRoot(databaseUrl),
        RelayModule.forRoot(databaseUrl),
        DrainModule,
        HealthModule,
        NodesModule,
        MetricsServerModule,
        StrategiesModule.forRoot(extension),
        // What a team adds uses the services on every node.
        ...(extension.imports ? [ServicesModule] : []),
        HandlersModule,
        ...settings.roles.flatMap((role) => PARTS[role](settings)),
        ...(hasAdminPages(options) ? [AdminModule.forRoot(adminPassword as string)] : []),
      ],
    };
  }
}
