import { spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  children,
  ended,
  isRoot,
  isRunning,
  newFolder,
  open,
  openElsewhere,
  patiently,
  postmasterPid,
  query,
  recall,
  remember,
  remembered,
} from '../support/embedded-database.fixture.js';

describe.concurrent('the embedded database after a crash', { timeout: 180_000 }, () => {
  it('of the service is adopted, with all its data', async () => {
    const dataDir = newFolder();
    const service = await openElsewhere(dataDir);
    await remember(service.url);
    await ended(service.child, () => service.child.kill('SIGKILL'));
    const database = await open(dataDir);
    expect(database.said).toEqual(['Using the database, which runs already.']);
    expect(database.url).toBe(service.url);
    expect(await recall(database.url)).toEqual(remembered);
    await database.release();
    expect(isRunning(dataDir)).toBe(false);
  });

  it('of the service and itself is recovered, with all its data', async () => {
    const dataDir = newFolder();
    const service = await openElsewhere(dataDir);
    await remember(service.url);
    await ended(service.child, () => service.child.kill('SIGKILL'));
    process.kill(postmasterPid(dataDir), 'SIGKILL');
    const database = await open(dataDir);
    expect(await recall(database.url)).toEqual(remembered);
    await database.release();
  });

  it('of itself alone comes back at the same address', async () => {
    const dataDir = newFolder();
    const database = await open(dataDir);
    await remember(database.url);
    process.kill(postmasterPid(dataDir), 'SIGKILL');
    await vi.waitFor(async () => expect(await recall(database.url)).toEqual(remembered), patiently);
    await database.release();
    expect(isRunning(dataDir)).toBe(false);
  });

  it.runIf(process.platform === 'linux')(
    'of itself comes back although one of its processes does not end',
    async () => {
      const dataDir = newFolder();
      const database = await open(dataDir);
      await remember(database.url);
      const [writer] = await query<{ pid: number }>(
        database.url,
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'",
      );
      process.kill(writer!.pid, 'SIGSTOP');
      process.kill(postmasterPid(dataDir), 'SIGKILL');
      await vi.waitFor(async () => expect(await recall(database.url)).toEqual(remembered), patiently);
      await database.release();
      expect(isRunning(dataDir)).toBe(false);
    },
  );

  it('of one of its processes serves and is released as before', async () => {
    const dataDir = newFolder();
    const database = await open(dataDir);
    await remember(database.url);
    const [backend] = await query<{ pid: number }>(
      database.url,
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    );
    process.kill(backend!.pid, 'SIGKILL');
    await vi.waitFor(async () => expect(await recall(database.url)).toEqual(remembered), patiently);
    await database.release();
    expect(isRunning(dataDir)).toBe(false);
  });

  it('starts although its pid now belongs to another program, which is left alone', async () => {
    const dataDir = newFolder();
    const service = await openElsewhere(dataDir);
    await remember(service.url);
    await ended(service.child, () => service.child.kill('SIGKILL'));
    const { uid, gid } = statSync(join(dataDir, 'postgres'));
    const other = spawn('sleep', ['300'], { uid: isRoot ? uid : undefined, gid: isRoot ? gid : undefined });
    children.push(other);
    const pid = postmasterPid(dataDir);
    process.kill(pid, 'SIGKILL');
    const file = join(dataDir, 'postgres/postmaster.pid');
    writeFileSync(file, readFileSync(file, 'utf8').replace(String(pid), String(other.pid)));
    const database = await open(dataDir);
    expect(await recall(database.url)).toEqual(remembered);
    expect(other.exitCode ?? other.signalCode).toBeNull();
    await database.release();
  });

  it('is ended and started anew when it hangs', async () => {
    const dataDir = newFolder();
    const service = await openElsewhere(dataDir);
    await remember(service.url);
    await ended(service.child, () => service.child.kill('SIGKILL'));
    process.kill(postmasterPid(dataDir), 'SIGSTOP');
    const database = await open(dataDir);
    expect(await recall(database.url)).toEqual(remembered);
    await database.release();
  });

  it('is not reached by the Ctrl-C that ends the service', async () => {
    const dataDir = newFolder();
    const service = await openElsewhere(dataDir);
    await ended(service.child, () => process.kill(-service.child.pid!, 'SIGINT'));
    const database = await open(dataDir);
    expect(database.said).toEqual(['Using the database, which runs already.']);
    await database.release();
  });
});

describe('the embedded database', { timeout: 180_000 }, () => {
  it('stops in order when a shutdown of the machine tells it and the service to', async () => {
    const dataDir = newFolder();
    const database = await open(dataDir);
    process.kill(postmasterPid(dataDir), 'SIGTERM');
    await database.release();
    const log = () => readFileSync(join(dataDir, 'postgres.log'), 'utf8');
    await vi.waitFor(() => expect(log()).toMatch(/database system is shut down\n$/), patiently);
  });
});
