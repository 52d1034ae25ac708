// A redis-server of a row's own, which keeps nothing.
import { spawn, spawnSync } from 'node:child_process';
import { Redis } from 'ioredis';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** Starts it; `probe` asks it, `stop` ends it. */
export async function startRedis(port) {
  const child = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  const url = `redis://127.0.0.1:${port}`;
  const probe = new Redis(url).on('error', () => undefined);
  await probe.ping();
  return {
    pid: child.pid,
    url,
    probe,
    stop: () => {
      probe.disconnect();
      child.kill();
    },
  };
}
