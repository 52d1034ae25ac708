import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AccessKeysService } from '../../src/access/access-keys.service.js';
import { AccessKeysModule } from '../../src/access/access-keys.module.js';
import { Seal } from '../../src/access/seal.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { readSettings } from '../../src/config/settings.js';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { EventsModule } from '../../src/events/events.module.js';
import { RevocationsModule } from '../../src/recipients/revocations.module.js';
import { Revocations } from '../../src/recipients/revocations.js';
import { RelayModule } from '../../src/relay/relay.module.js';
import { good, post, type Registered, registration } from './answer.js';
import { RecipientClient } from './client.js';
import { eventually } from './eventually.js';
import { SECRET, setDatabaseClock, settingsOf } from './host.js';
import { NodeProcess } from './node-process.js';
import { Program } from './program.js';

/** So far apart may two clocks be that tell the same time: nobody sets them by less than several of these. In milliseconds. */
const SAME_TIME = 1_000;
/** Several nodes and tests share one server. */
const POOL_SIZE = '5';
/** What is emptied between two tests. */
const TABLES = ['messages', 'global_messages', 'global_deliveries', 'revocations'];

/** Nodes that are processes of their own, on one database; and, in the process of the test, the parts that the command line is made of. */
export class ProcessInstallation {
  private readonly nodes = new Set<NodeProcess>();
  private readonly seal = new Seal([SECRET], 'recipient-token');
  private offset = 0;
  private keeper: Promise<string> | undefined;

  private constructor(
    private readonly environment: Record<string, string>,
    readonly tools: INestApplicationContext,
  ) {}

  static open(database: string, databaseUrl: string): Promise<ProcessInstallation> {
    return ProcessInstallation.of(
      settingsOf(database, databaseUrl, {
        DATABASE_POOL_SIZE: POOL_SIZE,
        TOKEN_SECRETS: `${SECRET.id}:${SECRET.secret}`,
      }),
    );
  }

  /** The installation whose nodes have these settings. */
  static async of(environment: Record<string, string>): Promise<ProcessInstallation> {
    const databaseUrl = environment['DATABASE_URL'] ?? '';
    const modules = [
      ConfigModule.forRoot(readSettings(environment), []),
      DatabaseModule.forRoot(databaseUrl),
      EventsModule.forRoot(databaseUrl),
      RelayModule.forRoot(databaseUrl),
      AccessKeysModule,
      RevocationsModule,
    ];
    class Tools {}
    const tools = await NestFactory.createApplicationContext(
      { module: Tools, imports: modules },
      { logger: ['error', 'fatal'], abortOnError: false },
    );
    // A key is not to be dated ahead of the nodes, which would take one that has expired.
    const clock = tools.get(DatabaseClock, { strict: false });
    clock.now = () => clock.reached();
    return new ProcessInstallation(environment, tools);
  }

  get dataSource(): DataSource {
    return this.tools.get(DataSource);
  }

  get keys(): AccessKeysService {
    return this.tools.get(AccessKeysService, { strict: false });
  }

  async startNode(environment: Record<string, string>): Promise<NodeProcess> {
    const node = await NodeProcess.start(this.nodeEnvironment(environment));
    this.nodes.add(node);
    return node;
  }

  /** Starts a node that the test stops by itself. */
  runNode(environment: Record<string, string>): Program {
    return Program.run('main.js', this.nodeEnvironment(environment));
  }

  async stopNode(node: NodeProcess): Promise<void> {
    this.nodes.delete(node);
    await node.stop();
  }

  /** Sets the clock of the database, and waits until every node goes by it. */
  async setClock(offset: number): Promise<void> {
    if (offset === this.offset) return;
    this.offset = offset;
    await setDatabaseClock(this.dataSource, offset);
    await this.tools.get(DatabaseClock, { strict: false }).sync();
    await Promise.all([...this.nodes].map((node) => this.isRight(node)));
  }

  /** Revokes the tokens of a recipient as the command line does, and waits until these nodes know. */
  async revoke(nodes: readonly NodeProcess[], tenant: string, recipient: string): Promise<void> {
    const { key } = await this.keys.create({ tenant, name: 'witness', scope: '*:*:*' });
    const witnesses = await Promise.all(
      nodes.map(async (node) => RecipientClient.connect((await this.register(node, key, recipient)).connectionUri)),
    );
    await this.tools.get(Revocations, { strict: false }).revoke(tenant, recipient);
    for (const witness of witnesses) await witness.closing();
  }

  /** Makes it as if it were new: nothing is stored but keys, and the clock is right. */
  async reset(): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // Whoever is still at work on rows ends first, and nobody waits for the other.
      await manager.query(`LOCK TABLE ${TABLES.join(', ')} IN EXCLUSIVE MODE`);
      for (const table of TABLES) await manager.query(`DELETE FROM ${table}`);
    });
    await this.setClock(0);
  }

  async close(): Promise<void> {
    const stopping = await Promise.allSettled([...this.nodes].map((node) => node.stop()));
    await this.tools.close();
    for (const result of stopping) if (result.status === 'rejected') throw result.reason;
  }

  private nodeEnvironment(environment: Record<string, string>): Record<string, string> {
    return { ...this.environment, ...environment };
  }

  /** Waits until a node goes by the clock of the database: the tokens that it makes tell. */
  private async isRight(node: NodeProcess): Promise<void> {
    this.keeper ??= this.keys.create({ tenant: 'clocks', name: 'test', scope: '*:*:*' }).then(({ key }) => key);
    const key = await this.keeper;
    await eventually(async () => {
      // By itself a node asks for the time every two seconds. The inbox of a new connection it reads at once, and that tells it, too.
      await (await RecipientClient.connect((await this.register(node, key, 'keeper')).connectionUri)).kill();
      const asked = Date.now() + this.offset;
      const { token } = await this.register(node, key, 'keeper');
      const answered = Date.now() + this.offset;
      const told = (JSON.parse(this.seal.open(token) ?? '{}') as { i: number }).i * 1_000;
      if (told < asked - SAME_TIME || told > answered + SAME_TIME)
        throw new Error(`A node tells ${new Date(told).toISOString()}, not ${new Date(asked).toISOString()}`);
    });
  }

  private async register(node: NodeProcess, key: string, recipient: string): Promise<Registered> {
    return good(await post<{ registerRecipient: Registered }>(node.url, registration({ recipient }), key))
      .registerRecipient;
  }
}
