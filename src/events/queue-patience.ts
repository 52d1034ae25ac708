import type { BeforeApplicationShutdown } from '@nestjs/common';

const RETRY_DELAY = 1_000;

/**
 * How long the queue's clients wait for a Redis that is away: for ever while the service runs, and not at all when it
 * stops. BullMQ takes leave of its server politely and would else wait for it to come back.
 */
export class QueuePatience implements BeforeApplicationShutdown {
  private stopping = false;
  private retriedAt = -Infinity;

  /** When a client tries again to connect, in milliseconds; null for never. */
  readonly retryStrategy = (): number | null => {
    this.retriedAt = performance.now();
    return this.stopping ? null : RETRY_DELAY;
  };

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    // Clients that wait for their next attempt must have made it, and given up, before they are closed.
    if (performance.now() - this.retriedAt > 2 * RETRY_DELAY) return;
    await new Promise((resolve) => setTimeout(resolve, 1.5 * RETRY_DELAY));
  }
}
