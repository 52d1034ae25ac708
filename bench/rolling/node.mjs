// A node of the row `rolling`: the built service in a process of its own, on a port that it keeps.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const LOW_PORTS = [20_000, 32_000];

export class Node {
  constructor(port, environment) {
    this.port = port;
    this.environment = { ...environment, PORT: String(port) };
  }

  /** Starts the build in this folder, and waits until the node says that it is ready. */
  async start(folder) {
    this.child = spawn(process.execPath, [join(folder, 'dist/src/main.js')], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...this.environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    while (!(await this.isReady())) {
      if (this.child.exitCode !== null) throw new Error(`A node ended with ${this.child.exitCode}`);
      await pause(50);
    }
  }

  /** Stops it as a service manager does; gives the code that it ended with. */
  async stop() {
    this.child.kill('SIGTERM');
    const [code] = await once(this.child, 'exit');
    return code;
  }

  kill(signal) {
    this.child?.kill(signal);
  }

  async isReady() {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/health/ready`, { headers: { connection: 'close' } })).ok;
    } catch {
      return false;
    }
  }
}

/** A port below those that the system gives out by itself: no connection takes it while its node is away. */
export async function freeLowPort() {
  for (;;) {
    const port = LOW_PORTS[0] + Math.floor(Math.random() * (LOW_PORTS[1] - LOW_PORTS[0]));
    const server = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
