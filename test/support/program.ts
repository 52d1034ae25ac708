import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { endsWithTests } from './ends-with-tests.js';
import { eventually, START_PATIENCE } from './eventually.js';

/** A program that runs as a process of its own, and what it said. */
export class Program {
  out = '';
  errors = '';
  private readonly closed: Promise<unknown>;

  private constructor(readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.closed = once(child, 'close');
  }

  static run(file: string, environment: Record<string, string>, ...args: string[]): Program {
    return Program.runIn(process.cwd(), file, environment, ...args);
  }

  static runIn(cwd: string, file: string, environment: Record<string, string>, ...args: string[]): Program {
    const env = { PATH: process.env['PATH'], HOST: '127.0.0.1', DRAIN_TIME: '0', ...environment };
    const program = [resolve(`dist/src/${file}`), ...args];
    return Program.of(spawn(process.execPath, program, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** A process that was started otherwise. */
  static of(child: ChildProcess): Program {
    return new Program(child);
  }

  /** Runs another program, with these variables besides the PATH. It ends with the tests. */
  static command(command: readonly string[], environment: Record<string, string>, cwd = process.cwd()): Program {
    const [program = '', ...args] = command;
    const env = { PATH: process.env['PATH'], ...environment };
    return new Program(endsWithTests(spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })));
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(() => {
      const match = pattern.exec(this.out);
      if (!match) throw new Error(`It has not said ${pattern}: ${this.out} ${this.errors}`);
      return match;
    }, START_PATIENCE);
  }

  async ends(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  /** Waits until it and all that it started have ended, so that nothing of what they said is missing. */
  async closes(): Promise<number | null> {
    await this.closed;
    return this.child.exitCode;
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ends();
  }
}

/** Asks the API of a program, and gives the data of its answer. */
export async function graphql(url: string, key: string, query: string): Promise<Record<string, never>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: Record<string, never> }).data;
}

/** Registers a recipient with a program, and gives where he connects. */
export async function registerRecipient(url: string, key: string, recipient: string): Promise<string> {
  const data = await graphql(
    url,
    key,
    `mutation { registerRecipient(input: { recipient: "${recipient}" }) { connectionUri } }`,
  );
  return (data['registerRecipient'] as unknown as { connectionUri: string }).connectionUri;
}

/** A process and all that it started. */
export function treeOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => treeOf(Number(child))))];
}

/** Whether a process runs: one that has ended may wait for its parent to notice. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
