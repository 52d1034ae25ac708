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
    const database = await openEmbeddedDatabase(dataDir, () => undefined);
    const service = await Service.startBehind(database.url, { RECONCILE_INTERVAL: '100ms' });
    const client = await service.connect('ann');
    await service.push('ann', 'before');
    await client.received(1);

    await spendTransactions(database.url, () => process.kill(postmasterPid(dataDir), 'SIGKILL'));

    // Until the old life has ended, a push would still go to the old connection.
    await eventually(() => expect(client.closed).not.toBeNull(), 60_000);
    expect((await client.closing()).code).toBe(1012);
    const after = await eventually(() => service.pushGlobal('after'), 30_000);
    const again = await service.connect('ann');
    expect(await again.received(1)).toEqual(['after']);
    await service.pushGlobal('live');
    expect(await again.received(2)).toEqual(['after', 'live']);
    await eventually(async () => expect(await service.messages({ globalMessageId: after })).toHaveLength(1));
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
