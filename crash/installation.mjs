// What is tormented: one service with the database that it starts itself; or several nodes on a database of its own, which a
// network lies before, and with Redis on that, too.
import { join } from 'node:path';
import { openEmbeddedDatabase } from '../dist/src/database/embedded/embedded-database.js';
import { freePort } from '../dist/src/database/embedded/free-port.js';
import { DatabaseProcess } from './database-process.mjs';
import { Nodes } from './nodes.mjs';
import { Proxy } from './proxy.mjs';
import { RedisProcess } from './redis-process.mjs';
import { ServiceProcess } from './service-process.mjs';

const PROGRAM = 'dist/src/main.js';
const COMMON = {
  PATH: process.env.PATH,
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  DRAIN_TIME: '1s',
  // Peers that do not answer are found in seconds, so that a short run meets them too.
  PING_INTERVAL: '2s',
};

export class Installation {
  #server = null;
  redis = null;

  /** @param folder where everything is kept @param random decides which node's turn it is */
  constructor(folder, random) {
    this.folder = folder;
    this.random = random;
    this.dataDir = join(folder, 'data');
    this.database = new DatabaseProcess(this.dataDir);
    /** What the command line needs to reach the same database. */
    this.environment = { ...COMMON, DATA_DIR: this.dataDir };
  }

  static async prepare({ folder, nodes, withRedis, random }) {
    const installation = new Installation(folder, random);
    try {
      await installation.#prepare(nodes, withRedis);
    } catch (error) {
      await installation.end();
      throw error;
    }
    return installation;
  }

  /** Kills everything for good. */
  async end() {
    await this.nodes?.end();
    await this.#server?.release();
    await this.database.end();
    this.redis?.end();
  }

  async #prepare(count, withRedis) {
    if (count > 1 || withRedis) await this.#startServers(withRedis);
    this.ports = [];
    while (this.ports.length < count) this.ports.push(await freePort());
    this.nodes = new Nodes(await Promise.all(this.ports.map((port, i) => this.#node(port, i))), this.random);
  }

  /** Servers that are part of no node. This process stands for who operates them, and starts them again when they end. */
  async #startServers(withRedis) {
    this.#server = await openEmbeddedDatabase(this.dataDir, () => undefined);
    this.environment.DATABASE_URL = this.#server.url;
    this.environment.TOKEN_SECRETS = 'crash:a secret of 32 characters or more';
    if (!withRedis) return;
    const port = await freePort();
    this.redis = new RedisProcess(port, this.folder);
    await this.redis.start();
    this.environment.REDIS_URL = `redis://127.0.0.1:${port}`;
  }

  async #node(port, number) {
    const environment = { ...this.environment, PORT: String(port) };
    const ways = {};
    for (const [name, setting] of [
      ['database', 'DATABASE_URL'],
      ['redis', 'REDIS_URL'],
    ]) {
      if (environment[setting] === undefined) continue;
      const url = new URL(environment[setting]);
      ways[name] = new Proxy();
      url.port = String(await ways[name].listen(Number(url.port)));
      environment[setting] = url.href;
    }
    const logFile = join(this.folder, `service-${number}.log`);
    return new ServiceProcess({ number, program: PROGRAM, environment, ways, logFile });
  }
}
