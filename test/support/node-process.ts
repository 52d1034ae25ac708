import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { endsWithTests } from './ends-with-tests.js';
import { eventually, START_PATIENCE } from './eventually.js';

/** Below the ports that the system gives out by itself, so that no connection takes one between its choice and its use. */
const LOW_PORTS = [20_000, 32_000] as const;

/** A node: the built program, in a process of its own. */
export class NodeProcess {
  private said = '';

  private constructor(
    private readonly child: ChildProcess,
    public port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    endsWithTests(child);
  }

  /** Starts the program with these settings alone, and waits until it listens: on their `PORT`, or on one that is free. */
  static async start(environment: Record<string, string>): Promise<NodeProcess> {
    // It says where it listens, or what PUBLIC_URL says of it.
    const port =
      Number(environment['PORT'] ?? 0) || (environment['PUBLIC_URL'] === undefined ? 0 : await freeLowPort());
    const child = spawn(process.execPath, [resolve('dist/src/main.js')], {
      // Where there is no .env, which would be read.
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'], ...environment, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const node = new NodeProcess(child, port);
    await node.listening();
    return node;
  }

  /** Its address, whatever PUBLIC_URL says. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Stops it as an operator does. @throws Error when it had ended before, or does not end in order */
  async stop(): Promise<void> {
    const ended = this.hasEnded;
    if (!ended) {
      this.child.kill('SIGTERM');
      await once(this.child, 'close');
    }
    if (ended || this.child.exitCode !== 0)
      throw new Error(
        `The node ${ended ? 'had ended by itself' : 'did not stop in order'} (${this.child.exitCode ?? this.child.signalCode}): ${this.said}`,
      );
  }

  /** Stands still from now on, as a process on a machine that is suspended or starved. Its sockets stay open. */
  hang(): void {
    this.child.kill('SIGSTOP');
  }

  /** Goes on where it stood still. */
  goOn(): void {
    this.child.kill('SIGCONT');
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async listening(): Promise<void> {
    await eventually(() => {
      if (this.hasEnded) return;
      const [, url] = /listening on (\S+)\s/.exec(this.said) ?? [];
      if (url === undefined) throw new Error(`The node does not listen yet: ${this.said}`);
      this.port ||= Number(new URL(url).port);
    }, START_PATIENCE);
    if (this.hasEnded) throw new Error(`The node did not start: ${this.said}`);
  }
}

async function freeLowPort(): Promise<number> {
  for (;;) {
    const port = randomInt(...LOW_PORTS);
    const server = createServer();
    const free = await new Promise<boolean>((settle) => {
      server.once('error', () => settle(false)).listen(port, '127.0.0.1', () => settle(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
