import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { EVENTS_QUEUE } from './events-queue.js';

const SAY_AGAIN = 10_000;

/** A queue that is away says so again and again; the log has each sentence once in a while. */
@Injectable()
export class QueueErrors implements OnApplicationBootstrap {
  private readonly logger = new Logger('Queue');
  private readonly said = new Map<string, number>();

  constructor(@InjectQueue(EVENTS_QUEUE) private readonly queue: Queue) {}

  onApplicationBootstrap(): void {
    this.queue.on('error', (error) => this.say(`The queue: ${error.message}`));
  }

  /** Logs the sentence, unless it was logged a moment ago. */
  say(sentence: string): void {
    const now = performance.now();
    if (now - (this.said.get(sentence) ?? -Infinity) < SAY_AGAIN) return;
    if (this.said.size >= 100) this.said.clear();
    this.said.set(sentence, now);
    this.logger.warn(sentence);
  }
}
