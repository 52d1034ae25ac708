import type { NestExpressApplication } from '@nestjs/platform-express';
import { AccessKeysService } from './access/access-keys.service.js';
import { createApplication } from './application.js';
import { type AdminPassword, adminPassword, type TokenSecret } from './config/secrets.js';
import type { NodeId } from './config/node-id.js';
import type { SettingValues } from './config/settings.js';
import type { Database } from './database/database.js';
import { Drain } from './drain/drain.js';
import type { Extension } from './extension.js';
import { VERSION } from './graphql/version.js';
import { isJson, type ServiceLogger } from './log/service-logger.js';
import type { Say } from './say.js';
import { startTraces, type Traces } from './traces/traces.js';
import { welcome } from './welcome.js';

/** A service that listens. */
export interface RunningService {
  /** Drains and stops it, the embedded database last. */
  stop(): Promise<void>;
}

/** What the parts of a process share. */
export interface ServiceProcess {
  readonly node: NodeId;
  readonly logger: ServiceLogger;
  readonly say: Say;
  /** What a team adds to the service. */
  readonly extension: Extension;
  /** How its commands are called here, as people type it. */
  readonly commands: string;
}

/** Starts the service on a database, which it releases in the end, and says, a line each, what takes a while. */
export async function start(
  settings: SettingValues,
  secrets: readonly TokenSecret[],
  database: Database,
  { node, logger, say, extension, commands }: ServiceProcess,
): Promise<RunningService> {
  let app: NestExpressApplication | undefined;
  let traces: Traces | undefined;
  try {
    traces = await startTraces({ version: VERSION, node: node.text }, settings, logger);
    say('Bringing the schema up to date ...');
    const admin = settings.roles.includes('api') ? findAdminPassword(settings, say) : null;
    app = await createApplication(
      { settings, secrets, databaseUrl: database.url, adminPassword: admin?.text ?? null, node, extension },
      logger,
    );
    await app.listen(settings.port, settings.host);
    const { port } = app.getHttpServer().address() as { port: number };
    const url =
      settings.publicUrl ??
      `${settings.tlsCertFile === '' ? 'http' : 'https'}://${settings.host === '0.0.0.0' || settings.host === '::' ? 'localhost' : settings.host}:${port}`;
    if (isJson(settings)) await logWelcome(app, settings, { url, admin, commands }, say);
    else {
      const keyless = database.embedded && settings.roles.includes('api');
      say(welcome(url, settings, admin, keyless ? await demoKey(app) : null, commands));
    }
    const [running, { stop: stopTraces }] = [app, traces];
    return {
      stop: async () => {
        await running.get(Drain, { strict: false }).drain();
        await running.close();
        await Promise.all([stopTraces(), database.release()]);
      },
    };
  } catch (error) {
    await app?.close().catch(() => undefined);
    await traces?.stop();
    await database.release();
    throw error;
  }
}

/** A folder that can't be written keeps nobody from serving without admin pages. */
function findAdminPassword(settings: SettingValues, say: Say): AdminPassword | null {
  try {
    return adminPassword(settings);
  } catch (error) {
    const reason = (error as Error).message;
    say(`There are no admin pages, since no password for them can be kept in DATA_DIR (${reason}).`, 'admin.off');
    return null;
  }
}

/** What a log says instead of the welcome. It must hold neither a key nor a password. */
async function logWelcome(
  app: NestExpressApplication,
  { roles }: SettingValues,
  { url, admin, commands }: { readonly url: string; readonly admin: AdminPassword | null; readonly commands: string },
  say: Say,
): Promise<void> {
  say(`Homing is listening on ${url} as ${roles.join(', ')}`, 'service.listening');
  if (!roles.includes('api')) return;
  if (admin?.isNew) say(`A password of the admin pages was made, and is kept in ${admin.file}`, 'admin.password-made');
  if (!(await app.get(AccessKeysService, { strict: false }).anyExists()))
    say(`There is no access key yet. Make one: ${commands} access-key create`, 'service.keyless');
}

/** On the very first start, while there is no key at all, one to try the service with. */
async function demoKey(app: NestExpressApplication): Promise<string | null> {
  const keys = app.get(AccessKeysService, { strict: false });
  if (await keys.anyExists()) return null;
  const scope = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';
  return (await keys.create({ tenant: 'demo', name: 'first start', scope })).key;
}
