import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded-database.js';
import { postmasterPid } from '../support/embedded-database.fixture.js';
import { eventually } from '../support/eventually.js';
import { Service } from '../support/service.js';

describe('a service whose database crashes under it', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-crash-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 }));

  it('delivers what is stored under a transaction number that was seen before the crash and is given again', async () => {
    const said: string[] = [];
    const database = await openEmbeddedDatabase(dataDir, (line) => said.push(line));
    const service = await Service.startBehind(database.url, { RECONCILE_INTERVAL: '100ms' });
    const client = await service.connect('ann');
    await service.push('ann', 'before');
    await client.received(1);

    await spendTransactions(database.url, () => process.kill(postmasterPid(dataDir), 'SIGKILL'));

    // Until the old life has ended, a push would still go to the old connection.
    await eventually(() => expect(client.closed, said.join('\n')).not.toBeNull());
    expect((await client.closing()).code).toBe(1012);
    const after = await eventually(() => service.pushGlobal('after'));
    const again = await service.connect('ann');
    expect(await again.received(1)).toEqual(['after']);
    await service.pushGlobal('live');
    expect(await again.received(2)).toEqual(['after', 'live']);
    await eventually(async () => expect(await service.messages({ globalMessageId: after })).toHaveLength(1));
    await service.stop();
    await database.release();
  });
});

describe('a service whose database is restarted in order', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-restart-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 }));

  it('refuses pushes meanwhile, keeps its connections, and loses nothing that it acknowledged', async () => {
    const said: string[] = [];
    const database = await openEmbeddedDatabase(dataDir, (line) => said.push(line));
    const service = await Service.startBehind(database.url, { RECONCILE_INTERVAL: '100ms' });
    const client = await service.connect('ann');
    const acknowledged: string[] = [];
    const refusals = new Set<string>();
    const enough = new AbortController();
    const pushing = (async () => {
      for (let i = 0; !enough.signal.aborted; i += 1) {
        const text = `text ${i}`;
        const { status, headers } = await service.graphql(
          `mutation { pushMessage(input: { recipients: ["ann"], message: "${text}" }) { item { id } } }`,
        );
        if (status === 200) acknowledged.push(text);
        else refusals.add(`${status} ${headers.get('retry-after')}`);
      }
    })();
    await eventually(() => expect(acknowledged.length).toBeGreaterThan(10));
    process.kill(postmasterPid(dataDir), 'SIGINT');
    await eventually(() => expect(refusals.size).toBeGreaterThan(0));
    const before = acknowledged.length;
    await eventually(() => expect(acknowledged.length, said.join('\n')).toBeGreaterThan(before + 10));
    enough.abort();
    await pushing;
    // What was answered with 503 may have been stored, but not twice.
    await eventually(() => expect(client.messages.filter((text) => acknowledged.includes(text))).toEqual(acknowledged));
    expect([...refusals]).toEqual(['503 1']);
    expect(client.closed).toBeNull();
    await eventually(async () =>
      expect(new Set((await service.messages()).map(({ status }) => status))).toEqual(new Set(['DELIVERED'])),
    );
    await service.stop();
    await database.release();
  });
});

/** Lets transactions pass that are seen by everybody before they are on disk, until the server is killed. */
async function spendTransactions(url: string, kill: () => void): Promise<void> {
  const spender = new Client({ connectionString: url });
  spender.on('error', () => undefined);
  await spender.connect();
  const { rows } = await spender.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const spending = spender.query('DO $$ BEGIN LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$');
  spending.catch(() => undefined);
  await pause(1_000);
  kill();
  // It does nothing that would let it notice.
  process.kill(rows[0]!.pid, 'SIGKILL');
}
