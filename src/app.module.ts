import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { AccessKeyAuthenticator } from './access/access-key-authenticator.js';
import { AccessModule } from './access/access.module.js';
import { AdminModule } from './admin/admin.module.js';
import { ConfigModule } from './config/config.module.js';
import type { NodeId } from './config/node-id.js';
import type { TokenSecret } from './config/secrets.js';
import type { Role } from './config/service-settings.js';
import type { SettingValues } from './config/settings.js';
import { DatabaseModule } from './database/database.module.js';
import { ProcessorModule } from './delivery/processor.module.js';
import { DrainModule } from './drain/drain.module.js';
import { EventsModule } from './events/events.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { GlobalMessagesModule } from './global-messages/global-messages.module.js';
import { ConsoleModule } from './graphql/console/console.module.js';
import { GraphqlModule } from './graphql/graphql.module.js';
import { HealthModule } from './health/health.module.js';
import { MessagesModule } from './messages/messages.module.js';
import { MetricsServerModule } from './metrics/metrics-server.module.js';
import { NodesModule } from './nodes/nodes.module.js';
import { RecipientsModule } from './recipients/recipients.module.js';
import { RelayModule } from './relay/relay.module.js';
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
}

/** What a node is made of besides what all have, by its roles. */
const PARTS: Readonly<Record<Role, (settings: SettingValues) => NonNullable<ModuleMetadata['imports']>>> = {
  api: ({ tour }) => [
    AccessModule,
    GraphqlModule.forRoot({ imports: [AccessModule], authenticator: AccessKeyAuthenticator }),
    ConsoleModule,
    RecipientsModule,
    MessagesModule,
    GlobalMessagesModule,
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
  static forRoot({ settings, secrets, databaseUrl, adminPassword, node }: ServiceOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(settings, secrets, node),
        DatabaseModule.forRoot(databaseUrl),
        EventsModule.forRoot(databaseUrl),
        RelayModule.forRoot(databaseUrl),
        DrainModule,
        HealthModule,
        NodesModule,
        MetricsServerModule,
        ...settings.roles.flatMap((role) => PARTS[role](settings)),
        ...(hasAdminPages({ settings, adminPassword }) ? [AdminModule.forRoot(adminPassword as string)] : []),
      ],
    };
  }
}
