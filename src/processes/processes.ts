import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Say } from '../say.js';
import { fork, type Inheritance } from './inheritance.js';
import { ProcessEndedError } from './process-ended.error.js';

/** A process that lived for so long, in milliseconds, has not ended for what keeps it from starting. */
const SETTLED = 60_000;
/** How long it takes until a process that ended is started again, in milliseconds. It doubles each time that it ends soon. */
const FIRST_DELAY = 250;
const LAST_DELAY = 30_000;

/** The processes that serve, as the one that started them sees them: Node's `cluster`. They share one port. */
export class Processes {
  private isStopping = false;
  private readonly listening = new Set<Worker>();

  constructor(
    private readonly count: number,
    private readonly database: Inheritance['database'],
    private readonly say: Say,
  ) {}

  /**
   * Starts them all. Resolves when each listens.
   * @throws ProcessEndedError when one can't
   */
  async start(): Promise<void> {
    // The first one brings the schema up to date, makes the demo key and says where it listens, as one alone does.
    await this.startOne(0);
    await Promise.all(Array.from({ length: this.count - 1 }, (_, i) => this.startOne(i + 1)));
  }

  /** Lets each drain and end. Gives whether all did so in order. */
  async stop(): Promise<boolean> {
    this.isStopping = true;
    // What does not listen yet has nothing to end, and would not hear it.
    for (const worker of this.all()) if (!this.listening.has(worker)) worker.process.kill('SIGKILL');
    const endings = [...this.listening].map(async (worker) => {
      const exit = once(worker, 'exit');
      // One that can't be told is ending.
      worker.send('stop', () => undefined);
      const [code] = (await exit) as [number | null];
      return code === 0;
    });
    return (await Promise.all(endings)).every(Boolean);
  }

  /** Ends all at once. */
  kill(): void {
    this.isStopping = true;
    for (const worker of this.all()) worker.process.kill('SIGKILL');
  }

  private all(): readonly Worker[] {
    return Object.values(cluster.workers ?? {}).filter(
      (worker) => worker !== undefined && !worker.isDead(),
    ) as Worker[];
  }

  private fork(number: number, speaks: boolean): Worker {
    const worker = fork({ database: this.database, number, speaks });
    worker.once('listening', () => this.listening.add(worker));
    worker.once('exit', () => this.listening.delete(worker));
    return worker;
  }

  private async startOne(number: number): Promise<void> {
    const worker = this.fork(number, number === 0);
    const ended = once(worker, 'exit').then(() => {
      throw new ProcessEndedError();
    });
    await Promise.race([once(worker, 'listening'), ended]);
    ended.catch(() => undefined);
    this.keep(worker, number, 0);
  }

  /** Starts it again when it ends, later and later if it ends again and again. */
  private keep(worker: Worker, number: number, soon: number): void {
    const began = performance.now();
    worker.once('exit', (code: number | null, signal: string | null) => {
      if (this.isStopping) return;
      const times = performance.now() - began < SETTLED ? soon : 0;
      const delay = Math.min(FIRST_DELAY * 2 ** times, LAST_DELAY);
      this.say(
        `Process ${worker.process.pid} ended (${signal ?? code}). Another is started in ${delay} ms ...`,
        'process.replaced',
      );
      setTimeout(() => {
        if (!this.isStopping) this.keep(this.fork(number, false), number, times + 1);
      }, delay);
    });
  }
}
