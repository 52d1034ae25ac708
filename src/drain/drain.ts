import { setTimeout as pause } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';

/** How this node stops: readiness turns false, balancers get time to notice, and what it holds is emptied, whichever parts it has. */
@Injectable()
export class Drain implements BeforeApplicationShutdown {
  private readonly parts: (() => Promise<void>)[] = [];
  private draining: Promise<void> | null = null;
  private over = false;

  constructor(private readonly settings: Settings) {}

  /** Whether the node is stopping. */
  get hasBegun(): boolean {
    return this.draining !== null;
  }

  /** Whether it has been emptied: what comes now can't be answered any more. */
  get isOver(): boolean {
    return this.over;
  }

  /** Lets a part be emptied when the node stops, while everything else still works. */
  onDrain(empty: () => Promise<void>): void {
    this.parts.push(empty);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.drain();
  }

  /**
   * Empties the node, once. To be called before the application is closed: Apollo's own draining, which Nest starts
   * first of all, would cut every WebSocket as an idle HTTP connection.
   */
  drain(): Promise<void> {
    this.draining ??= this.empty();
    return this.draining;
  }

  private async empty(): Promise<void> {
    const { shutdownDelay } = this.settings;
    if (shutdownDelay > 0) await pause(shutdownDelay);
    await Promise.all(this.parts.map((empty) => empty()));
    this.over = true;
  }
}
