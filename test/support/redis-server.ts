import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../src/database/embedded/free-port.js';
import { endsWithTests } from './ends-with-tests.js';
import { eventually } from './eventually.js';
import { find, type Part } from './parts.js';

export const REDIS_SERVER: Part = {
  path: find('redis-server', 'valkey-server'),
  suites: 'The Redis suites',
  how: 'install Redis or Valkey (Debian: apt-get install redis-server)',
};

/** Starts a Redis of our own on the loopback interface, on a free port unless one is given. Its URL holds no password. */
export async function startRedis(
  program: string,
  wanted?: number,
  more: readonly string[] = [],
): Promise<{ readonly url: string; hang(): void; stop(): Promise<void> }> {
  const port = wanted ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'homing-redis-'));
  const child = endsWithTests(
    spawn(
      program,
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...more],
      { stdio: 'ignore' },
    ),
  );
  const url = `redis://127.0.0.1:${port}`;
  const password = more.includes('--requirepass') ? more[more.indexOf('--requirepass') + 1] : undefined;
  const probe = new Redis(url, {
    ...(password !== undefined && { password }),
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  probe.on('error', () => undefined);
  await eventually(async () => {
    if (probe.status !== 'ready') await probe.connect();
    await probe.ping();
  });
  probe.disconnect();
  return {
    url,
    hang: () => void child.kill('SIGSTOP'),
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
