import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { RecipientClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { graphql, isRunning, Program, registerRecipient, treeOf } from '../support/program.js';

// Linux tells which processes a process has.
describe.runIf(process.platform === 'linux')('the service as several processes', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-processes-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  /** The processes that serve; the database is a child, too. */
  const serversOf = (program: Program) =>
    treeOf(program.child.pid!)
      .slice(1)
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('main.js'));

  it('serves on one port, says so once, replaces what ends, and stops in order', async () => {
    const metricsPort = await freePort();
    const environment = { DATA_DIR: dataDir, PORT: '0', METRICS_PORT: String(metricsPort) };
    const service = Program.run('main.js', environment, '--processes', '2');
    const [, url] = (await service.says(/listening on (\S+)/)) as unknown as [string, string];
    const [key] = await service.says(/homing_[0-9a-f]{10}_[0-9a-f]{48}/);
    const connect = async () => RecipientClient.connect(await registerRecipient(url, key, 'ann'));
    const push = (text: string) =>
      graphql(url, key, `mutation { pushMessage(input: { recipients: ["ann"], message: "${text}" }) { item { id } } }`);
    await service.says(/2 processes serve/);
    const clients: RecipientClient[] = [];
    for (let i = 0; i < 6; i += 1) clients.push(await connect());
    await push('to all');
    for (const client of clients) await client.received(1);
    // Each process has a port for its metrics, and who takes its place has the same.
    const connectionsOf = async (number: number) => {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort + number}/metrics`)).text();
      return Number(/^homing_connections (\d+)$/m.exec(text)?.[1]);
    };
    expect((await connectionsOf(0)) + (await connectionsOf(1))).toBe(6);

    const [first, second] = serversOf(service);
    process.kill(first!, 'SIGKILL');
    await service.says(/Process \d+ ended \(SIGKILL\)\. Another is started/);
    await eventually(() => expect(clients.filter(({ closed }) => closed !== null)).not.toHaveLength(0));
    const rest = clients.filter(({ closed }) => closed === null);
    expect(rest.length).toBeGreaterThan(0);
    await eventually(() => expect(serversOf(service)).toEqual([second, expect.any(Number)]));
    await eventually(async () =>
      expect([await connectionsOf(0), await connectionsOf(1)].toSorted()).toEqual([0, rest.length]),
    );
    await push('to the rest');
    for (const client of rest) await client.received(2);
    expect(service.out.match(/listening on|demo access key/g)).toEqual(['listening on', 'demo access key']);

    expect(await service.kill('SIGTERM')).toBe(0);
    for (const client of rest) expect((await client.closing()).code).toBe(1012);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  it('end all with the first one: at a second SIGTERM though one hangs, and by kill -9', async () => {
    const environment = { DATA_DIR: dataDir, DATABASE_URL: inject('databaseUrl'), PORT: '0', PROCESSES: '2' };
    for (const end of ['SIGTERM', 'SIGKILL'] as const) {
      const service = Program.run('main.js', environment);
      await service.says(/2 processes serve/);
      const servers = serversOf(service);
      expect(servers).toHaveLength(2);
      if (end === 'SIGTERM') {
        process.kill(servers[0]!, 'SIGSTOP');
        service.child.kill(end);
        await service.says(/Stopping/);
      }
      expect(await service.kill(end)).toBe(end === 'SIGTERM' ? 1 : null);
      await eventually(() => expect(servers.filter(isRunning)).toEqual([]));
    }
  });

  it('say in a sentence, once, that their port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const PORT = String((other.address() as AddressInfo).port);
    const service = Program.run('main.js', {
      DATA_DIR: dataDir,
      DATABASE_URL: inject('databaseUrl'),
      PORT,
      PROCESSES: 'auto',
    });
    expect(await service.ends()).toBe(1);
    expect(service.errors).toMatch(/^The port is in use by another program\. .*\n/);
    other.close();
  });
});
