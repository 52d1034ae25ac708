import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, SUPERUSER } from './cluster.js';
import { withFolderLock } from './folder-lock.js';
import { runningServer, startServer, stopServer, watchServer } from './postmaster.js';
import { DATABASE, isAlone, openPresence, type Session } from './session.js';

const REVIVAL_MS = 1_000;
const PULSE_MS = 2_000;

/** This process's share in a server that other processes may use too. */
export class SharedServer {
  readonly url: string;
  private revival: Promise<void> = Promise.resolve();
  private departure: Promise<void> | null = null;

  constructor(
    private readonly cluster: Cluster,
    private readonly port: number,
    private presence: Session,
    private readonly say: (line: string) => void,
  ) {
    this.url = `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${DATABASE}`;
    this.watch();
  }

  release(): Promise<void> {
    this.departure ??= this.leave();
    return this.departure;
  }

  private async leave(): Promise<void> {
    await this.revival;
    await withFolderLock(this.cluster.lockFile, this.say, async () => {
      this.presence.ref();
      // Without an answer the server is gone, or others are dealing with it.
      const alone = await isAlone(this.presence).catch(() => false);
      await this.presence.end();
      if (alone) await stopServer(this.cluster);
    });
  }

  private watch(): void {
    const { presence } = this;
    const ended = () => {
      clearInterval(pulse);
      presence.removeListener('end', ended);
      if (!this.departure) this.revival = this.revive();
    };
    // A process of a killed server may wait for the lock of another that was killed, and never end; nor does its session.
    const isAlive = watchServer(this.cluster);
    const pulse = setInterval(() => {
      if (isAlive()) return;
      ended();
      void presence.end().catch(() => undefined);
    }, PULSE_MS).unref();
    presence.once('end', ended);
  }

  /** The server died under us. Its other users can't know how to start it, so we do, where they look for it. */
  private async revive(): Promise<void> {
    this.say('The database ended unexpectedly. Starting it again ...');
    let told = '';
    while (!this.departure) {
      try {
        await withFolderLock(this.cluster.lockFile, this.say, async () => {
          const port =
            (await runningServer(this.cluster)) ?? (await startServer(this.cluster, { usualPort: this.port }));
          this.presence = await openPresence(this.cluster, port);
          if (port !== this.port) this.say('The database now has another port. Start Homing again.');
        });
        return this.watch();
      } catch (error) {
        const { message } = error as Error;
        if (message !== told) this.say(message);
        told = message;
        await sleep(REVIVAL_MS);
      }
    }
  }
}
