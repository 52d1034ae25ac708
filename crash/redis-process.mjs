// A Redis of our own that keeps nothing on disk, and that is started again whenever it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

export class RedisProcess {
  #port;
  #folder;
  #child = null;
  #wanted = true;

  /** @param folder where it may write, though it should not */
  constructor(port, folder) {
    this.#port = port;
    this.#folder = folder;
  }

  /** Starts it, and waits until it answers. @throws when there is no redis-server on the PATH */
  async start() {
    const args = ['--port', String(this.#port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.#child = spawn('redis-server', [...args, '--dir', this.#folder], { stdio: 'ignore' });
    await once(this.#child, 'spawn');
    await this.#ask((redis) => redis.ping());
  }

  /** Kills it; it comes back, empty, after so many milliseconds. */
  async kill({ downFor }) {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
    await pause(downFor);
    if (this.#wanted) await this.start();
  }

  /** Removes all that it holds. */
  async empty() {
    await this.#ask((redis) => redis.flushall());
  }

  /** It stands still for so many milliseconds. */
  async pauseFor(milliseconds) {
    this.#child.kill('SIGSTOP');
    await pause(milliseconds);
    this.#child.kill('SIGCONT');
  }

  /** Kills it for good. */
  end() {
    this.#wanted = false;
    this.#child?.kill('SIGKILL');
  }

  async #ask(question) {
    const redis = new Redis(this.#port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    try {
      await question(redis);
    } finally {
      redis.disconnect();
    }
  }
}
