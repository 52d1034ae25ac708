import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { messageOf } from '../log/describe-error.js';
import { Log } from '../log/log.js';
import { EVENTS_QUEUE } from './events-queue.js';

const SAY_AGAIN = 10_000;

/** A queue that is away says so again and again; the log has each sentence once in a while. */
@Injectable()
export class QueueErrors implements OnApplicationBootstrap {
  private readonly log = new Log('Queue');
  private readonly said = new Map<string, number>();

  constructor(@InjectQueue(EVENTS_QUEUE) private readonly queue: Queue) {}

  onApplicationBootstrap(): void {
    this.queue.on('error', (error) => this.say('queue.error', 'The queue', error));
  }

  /** Logs the sentence and the error, unless they were logged a moment ago. */
  say(event: 'queue.error' | 'job.failed', sentence: string, error: Error): void {
    const now = performance.now();
    const said = `${sentence}: ${messageOf(error)}`;
    if (now - (this.said.get(said) ?? -Infinity) < SAY_AGAIN) return;
    if (this.said.size >= 100) this.said.clear();
    this.said.set(said, now);
    this.log.write(event, sentence, { error });
  }
}
