import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { inject } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { type ComposeService, readCompose, readImage } from './compose-file.js';
import { createDatabase } from './database.js';
import { endsWithTests } from './ends-with-tests.js';
import { eventually } from './eventually.js';
import { SECRET } from './host.js';
import { type PlainNginx, startPlainNginx } from './nginx.js';
import type { NodeProcess } from './node-process.js';
import { find, NGINX } from './parts.js';
import type { Balanced } from './process-host.js';
import { ProcessInstallation } from './process-installation.js';
import { REDIS_SERVER } from './redis-server.js';

const run = promisify(execFile);

/** What `startComposed` started. */
export interface ComposedInstallation extends Balanced {
  readonly nginx: PlainNginx;
  /** The settings of its nodes. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts what `compose.yaml` describes, without containers: its services in its order, each when those before it are well by their own
 * health checks, with its commands, settings and files. Other than there are the addresses, which are ports of this machine, the name of
 * the database, and the settings that a test asks for. The programs are this machine's: its nginx, its Redis or Valkey, the embedded PostgreSQL.
 */
export async function startComposed(settings: Record<string, string>): Promise<ComposedInstallation> {
  const composed = new Composed(settings);
  try {
    const variables = {
      POSTGRES_PASSWORD: randomBytes(24).toString('hex'),
      REDIS_PASSWORD: randomBytes(24).toString('hex'),
      TOKEN_SECRETS: `${SECRET.id}:${SECRET.secret}`,
    };
    for (const [name, service] of readCompose(variables)) {
      await composed.start(name, service);
      await composed.becomesWell(name, service);
    }
    return composed.balanced();
  } catch (error) {
    await composed.close();
    throw error;
  }
}

class Composed {
  private readonly image = readImage();
  private readonly nodes: NodeProcess[] = [];
  private readonly ends: (() => Promise<unknown>)[] = [];
  /** Where on this machine is what has an address in the file, the longer ones first. */
  private readonly addresses: [there: string, here: string][] = [];
  private readonly ports = new Map<string, number>();
  private installation: ProcessInstallation | undefined;
  private environment: Record<string, string> = {};
  private nginx: PlainNginx | undefined;

  constructor(private readonly settings: Record<string, string>) {}

  balanced(): ComposedInstallation {
    const { installation, nodes, environment, nginx } = this;
    if (!installation || !nginx) throw new Error('compose.yaml has no nginx before nodes');
    return { installation, nodes, environment, nginx, balancer: nginx, close: () => this.close() };
  }

  /** What was started last ends first. */
  async close(): Promise<void> {
    for (const end of this.ends.splice(0).toReversed()) await end();
  }

  async start(name: string, service: ComposeService): Promise<void> {
    if (service.build !== undefined) await this.startNode(name, service);
    else if (name === 'postgres') await this.startPostgres(service);
    else if (name === 'valkey') await this.startValkey(service);
    else if (name === 'nginx') await this.startNginx(service);
    else throw new Error(`Say in test/support/compose.ts how to start ${name}`);
  }

  /** Waits until the health check of the service, or of its image, says that it is well. */
  async becomesWell(name: string, service: ComposeService): Promise<void> {
    const [kind, ...line] = service.healthcheck?.test ?? ['CMD', ...this.image.health];
    const port = String(this.ports.get(name));
    const environment = { ...process.env, ...service.environment, PORT: port };
    const check = async (): Promise<unknown> => {
      if (kind === 'CMD-SHELL') {
        const client = find('redis-cli', 'valkey-cli') ?? 'valkey-cli';
        return run('/bin/sh', ['-c', line.join(' ').replace('valkey-cli', `${client} -p ${port}`)], {
          env: environment,
        });
      }
      const [program = '', ...args] = line;
      if (program === 'node') return run(process.execPath, args, { env: environment });
      if (program === 'pg_isready') {
        const path = find(program);
        // A machine may have the server alone.
        return path === null ? createDatabase('postgres') : run(path, [...args, `--port=${port}`]);
      }
      const url = args.find((arg) => arg.startsWith('http:'));
      if (program !== 'wget' || url === undefined) throw new Error(`Say in test/support/compose.ts how to ask ${name}`);
      const { status } = await fetch(this.here(url.replace(':8080', `:${port}`)));
      return status === 200 ? undefined : Promise.reject(new Error(`${name} answered ${status}`));
    };
    await eventually(check);
  }

  private async startNode(name: string, service: ComposeService): Promise<void> {
    if (this.image.command.join(' ') !== 'node dist/src/main.js')
      throw new Error('NodeProcess starts another command than the image');
    const environment = Object.fromEntries(
      Object.entries({ ...this.image.environment, ...service.environment }).map(([key, value]) => [
        key,
        this.here(value),
      ]),
    );
    const settings = { ...environment, HOST: '127.0.0.1', ...this.settings };
    this.environment = settings;
    this.installation ??= await this.openInstallation(settings);
    const node = await this.installation.startNode(settings);
    this.nodes.push(node);
    this.ports.set(name, node.port);
    this.is(`${addressOf(service)}:3000`, `127.0.0.1:${node.port}`);
  }

  private async openInstallation(settings: Record<string, string>): Promise<ProcessInstallation> {
    const installation = await ProcessInstallation.of(settings);
    this.ends.push(() => installation.close());
    return installation;
  }

  private async startPostgres({ environment = {} }: ComposeService): Promise<void> {
    const { POSTGRES_USER: user = '', POSTGRES_DB: name = '', POSTGRES_PASSWORD: password = '' } = environment;
    const database = `test_${randomBytes(6).toString('hex')}`;
    const url = await createDatabase(database);
    const role = `${user}_${database}`;
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
    await client.query(`ALTER DATABASE ${database} OWNER TO ${role}`);
    await client.end();
    const { port } = new URL(inject('databaseUrl'));
    this.ports.set('postgres', Number(port));
    this.is(`//${user}:${password}@postgres:5432/${name}`, `//${role}:${password}@127.0.0.1:${port}/${database}`);
  }

  private async startValkey({ command = [] }: ComposeService): Promise<void> {
    const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'homing-valkey-'))];
    const here = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
    const child = endsWithTests(spawn(REDIS_SERVER.path ?? '', [...command.slice(1), ...here], { stdio: 'ignore' }));
    this.ends.push(async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
      await rm(folder, { recursive: true, force: true });
    });
    this.ports.set('valkey', port);
    this.is('valkey:6379', `127.0.0.1:${port}`);
  }

  private async startNginx(service: ComposeService): Promise<void> {
    const [folder = ''] = (service.volumes?.[0] ?? '').split(':');
    const file = join(folder, 'default.conf');
    const nodes = this.addresses.filter(([there]) => there.endsWith(':3000'));
    const nginx = await startPlainNginx(NGINX.path ?? '', file, Object.fromEntries(nodes));
    this.nginx = nginx;
    this.ends.push(() => nginx.stop());
    this.ports.set('nginx', nginx.port);
  }

  private is(there: string, here: string): void {
    this.addresses.push([there, here]);
  }

  /** The text with the addresses of this machine. What has none of its own, such as nginx as it is seen by the nodes, is the machine itself. */
  private here(text: string): string {
    return this.addresses
      .reduce((result, [there, own]) => result.replaceAll(there, own), text)
      .replaceAll(/172\.30\.80\.\d+/g, '127.0.0.1');
  }
}

function addressOf({ networks }: ComposeService): string {
  const [network] = Object.values(networks ?? {});
  if (typeof network !== 'object') throw new Error('A node has no address that nginx knows');
  return network.ipv4_address;
}
