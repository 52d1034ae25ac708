import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RecipientClient } from '../support/client.js';
import { isRunning, newFolder, open, postmasterPid, query } from '../support/embedded-database.fixture.js';
import { eventually } from '../support/eventually.js';
import { Program, registerRecipient } from '../support/program.js';

/** A PostgreSQL server and another that follows it: what the first acknowledges, the second has. */
async function replicated() {
  const [folder, copy] = [newFolder(), newFolder()];
  await (await open(folder)).release();
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
  const primary = await open(folder);
  const { username, password, port } = new URL(primary.url);
  writeFileSync(join(copy, 'postgres', 'standby.signal'), '');
  writeFileSync(
    join(copy, 'postgres', 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=${username} password=${password}'\n`,
  );
  const standby = await open(copy);
  await query(primary.url, `ALTER SYSTEM SET synchronous_standby_names = '*'`);
  await query(primary.url, 'SELECT pg_reload_conf()');
  await eventually(async () =>
    expect(await query(primary.url, `SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`)).toHaveLength(1),
  );
  return {
    url: primary.url.replace(`127.0.0.1:${port}`, `127.0.0.1:${new URL(standby.url).port},127.0.0.1:${port}`),
    crash: async () => {
      // Without leaving first, this process would start it again.
      await primary.release();
      process.kill(postmasterPid(folder), 'SIGQUIT');
      await eventually(() => expect(isRunning(folder)).toBe(false));
    },
    promote: () => query(standby.url, 'SELECT pg_promote()'),
  };
}

describe('a service whose DATABASE_URL names several servers', () => {
  it('uses the one that takes writes, and the next one when that fails; nothing acknowledged is lost', async () => {
    const database = await replicated();
    const environment = { DATABASE_URL: database.url, DATA_DIR: newFolder(), PORT: '0', RECONCILE_INTERVAL: '1s' };
    const service = Program.run('main.js', environment);
    const [, url] = (await service.says(/listening on (\S+)/)) as unknown as [string, string];
    const scope = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';
    const create = ['access-key', 'create', '--tenant', 'acme', '--name', 'test', '--scope', scope];
    const made = Program.run('cli/main.js', environment, ...create);
    expect(await made.ends()).toBe(0);
    const key = made.out.trim();
    const connect = async (recipient: string) => RecipientClient.connect(await registerRecipient(url, key, recipient));
    const push = (text: string) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key },
        body: JSON.stringify({
          query: `mutation { pushMessage(input: { recipients: ["ann"], message: "${text}" }) { item { id } } }`,
        }),
      });
    const bob = await connect('bob');
    expect((await push('before')).status).toBe(200);

    await database.crash();
    await eventually(async () => expect((await push('refused')).status).toBe(503));
    await database.promote();
    await eventually(async () => expect((await push('after')).status).toBe(200));
    expect((await bob.closing()).code).toBe(1012);
    await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200));
    expect(await (await connect('ann')).received(2)).toEqual(['before', 'after']);
    expect(await service.kill('SIGTERM')).toBe(0);
  });
});
