import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { endsWithTests } from '../ends-with-tests.js';
import { eventually } from '../eventually.js';

/** A block of a document that a shell runs, as whoever pastes it does: what it starts ends with it. */
export class Shell {
  out = '';
  errors = '';
  private readonly closed: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.closed = once(child, 'close');
  }

  /**
   * Runs it, and stops at the first command that fails.
   * @param put what stands in its place here, such as an address or what the reader puts in
   */
  static run(text: string, put: Record<string, string>, environment: Record<string, string>, cwd = '.'): Shell {
    const script = Object.entries(put).reduce((result, [before, after]) => result.replaceAll(before, after), text);
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment };
    return new Shell(
      // A group of its own, which a signal reaches as a whole.
      endsWithTests(
        spawn('bash', ['-euo', 'pipefail', '-c', script], {
          cwd,
          env,
          detached: true,
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      ),
    );
  }

  /** Waits for its end, and gives what it printed. @throws Error when it fails */
  async ends(): Promise<string> {
    await this.closed;
    if (this.child.exitCode !== 0) throw new Error(`It ended with ${this.child.exitCode}: ${this.out} ${this.errors}`);
    return this.out;
  }

  async says(text: string | RegExp): Promise<RegExpMatchArray> {
    return eventually(() => {
      const said = (this.out + this.errors).match(text);
      if (!said) throw new Error(`It has not said ${text}: ${this.out} ${this.errors}`);
      return said;
    });
  }

  /** Ends what goes on until somebody stops it. */
  async stop(): Promise<void> {
    process.kill(-(this.child.pid ?? 0), 'SIGTERM');
    await this.closed;
  }
}
