import { DatabaseClock } from '../../../src/database/database-clock.js';
import { processes } from '../../support/host.js';
import type { Service } from '../../support/service.js';
import type { Moment } from './history.js';

/** The one clock of an installation, as the test sets and reads it. The database runs on this machine, so both tell the same time. */
export class TestClock {
  private tick = 0;
  private from = 0;
  private to = 0;
  private setting: Promise<void> = Promise.resolve();
  private setAt = -Infinity;
  private readonly clocks: readonly DatabaseClock[];

  constructor(private readonly nodes: readonly Service[]) {
    // What is in other processes is left as it is: `Service.setClock` waits until they are right.
    this.clocks = processes > 0 ? [] : nodes.map(({ app }) => app.get(DatabaseClock, { strict: false }));
    for (const clock of this.clocks) this.overlookOldReadings(clock);
  }

  /** This moment, later than every one before. */
  moment(): Moment {
    this.tick += 1;
    const now = Date.now();
    return { tick: this.tick, from: now + this.from, to: now + this.to };
  }

  /** Lets the time pass, on every node. */
  advance(milliseconds: number): Promise<void> {
    const before = this.setting;
    this.setting = (async () => {
      await before;
      this.to += milliseconds;
      for (const node of this.nodes) await node.setClock(this.to);
      this.setAt = performance.now();
      for (const clock of this.clocks) await clock.sync();
      this.from = this.to;
    })();
    return this.setting;
  }

  /** A real clock does not jump. What a statement read before this one did would set the node's clock back by as much. */
  private overlookOldReadings(clock: DatabaseClock): void {
    const observe = clock.observe.bind(clock);
    clock.observe = (time, sentAt) => {
      if (sentAt >= this.setAt) observe(time, sentAt);
    };
  }
}
