import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded-database.js';
import { freePort } from '../../src/database/embedded/free-port.js';
import { alerts, dashboardQueries } from '../support/alerts.js';
import { RecipientClient } from '../support/client.js';
import { postmasterPid } from '../support/embedded-database.fixture.js';
import { eventually } from '../support/eventually.js';
import { NodeProcess } from '../support/node-process.js';
import { PROMETHEUS } from '../support/parts.js';
import { graphql, Program, registerRecipient, treeOf } from '../support/program.js';
import { Prometheus } from '../support/prometheus.js';

describe.runIf(PROMETHEUS.path !== null && process.platform === 'linux')('a real Prometheus', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-alerts-'));
  const ending: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ending.toReversed()) await end();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  });

  it('scrapes the service, has every rule, and its alerts fire by real faults and clear again', async () => {
    const database = await openEmbeddedDatabase(dataDir, () => undefined);
    ending.push(() => database.release());
    const start = async (roles: string) => {
      const port = await freePort();
      const environment = { NODE_ENV: 'development', HOST: '127.0.0.1', DATA_DIR: dataDir, DATABASE_URL: database.url };
      const node = await NodeProcess.start({
        ...environment,
        DRAIN_TIME: '0',
        ROLES: roles,
        METRICS_PORT: String(port),
        METRICS_INTERVAL: '0',
      });
      ending.push(() => node.stop());
      return { node, target: `127.0.0.1:${port}` };
    };
    const front = await start('api,gateway');
    const worker = await start('worker');
    const prometheus = await Prometheus.start(PROMETHEUS.path as string, [front.target, worker.target]);
    ending.push(() => prometheus.stop());
    const fires = (name: string) => eventually(async () => expect(await prometheus.firing(), 'fires').toContain(name));
    const clears = (...names: string[]) =>
      eventually(async () => {
        const firing = await prometheus.firing();
        expect(firing.filter((name) => names.includes(name))).toEqual([]);
      });

    await eventually(async () => expect(await prometheus.targets()).toEqual(['up', 'up']));
    await eventually(async () => {
      const rules = await prometheus.rules();
      expect(rules.map(({ name }) => name)).toEqual(alerts().map(({ name }) => name));
      expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    });
    expect(await prometheus.firing()).toEqual([]);

    // A consumer that stops reading, and workers that stand still.
    const key = await createKey(dataDir, database.url);
    const ann = await RecipientClient.connect(await registerRecipient(front.node.url, key, 'ann'));
    const push = () =>
      graphql(
        front.node.url,
        key,
        'mutation { pushMessage(input: { recipients: ["ann"], message: "hi" }) { item { id } } }',
      );
    // What the dashboard shows of refusals.
    await graphql(front.node.url, 'no key', '{ version }');
    await expect(RecipientClient.connect(`${front.node.url.replace('http', 'ws')}/?token=no`)).rejects.toThrow('401');
    worker.node.hang();
    ann.stall();
    await push();
    await Promise.all([fires('HomingQueueLag'), fires('HomingConsumersStalled')]);
    worker.node.goOn();
    ann.socket.resume();
    await ann.received(1);
    await clears('HomingQueueLag', 'HomingConsumersStalled', 'HomingProcessDown');

    // A database that stands still.
    const postgres = treeOf(postmasterPid(dataDir));
    for (const pid of postgres) process.kill(pid, 'SIGSTOP');
    try {
      await fires('HomingDatabaseUnreachable');
    } finally {
      for (const pid of postgres) process.kill(pid, 'SIGCONT');
    }
    await clears('HomingDatabaseUnreachable');
    await push();
    await ann.received(2);

    // Each query of the dashboard is one that Prometheus takes, and shows what has happened.
    await eventually(async () => {
      const shown = await Promise.all(dashboardQueries('homing', '1m').map((query) => prometheus.query(query)));
      // There are no handlers here.
      const ours = shown.filter(({ query }) => !/homing_handler_|homing_outbox_(?!lost)/.test(query));
      expect(ours.filter(({ series }) => series === 0)).toEqual([]);
    });
    ann.socket.terminate();
  });
});

async function createKey(dataDir: string, databaseUrl: string): Promise<string> {
  const command = Program.run(
    'cli/main.js',
    { DATA_DIR: dataDir, DATABASE_URL: databaseUrl },
    'access-key',
    'create',
    '--tenant',
    'acme',
    '--name',
    'test',
    '--scope',
    'websockets-manager-api:mutation:*',
  );
  const [key] = await command.says(/homing_[0-9a-f]{10}_[0-9a-f]{48}/);
  return key;
}
