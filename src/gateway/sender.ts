import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import type { InboxItem } from '../delivery/inbox.js';
import { type Connection, nextPing } from './connection.js';
import { FrameEncoder } from './frame-encoder.js';
import { pingFrame, textFrame } from './frames.js';

/** Bytes for many connections at once, or null when nothing is left to send. */
export interface SharedFrames {
  readonly bytes: Buffer;
  readonly ping: number;
  readonly items: readonly InboxItem[];
}

/** Puts messages on the wire: what has not expired at this very moment, and a ping behind it. */
@Injectable()
export class Sender {
  private readonly logger = new Logger(Sender.name);

  constructor(
    private readonly settings: Settings,
    private readonly clock: DatabaseClock,
    private readonly encoder: FrameEncoder,
  ) {}

  /** Sends a connection those of the messages that are for it. */
  send(connection: Connection, items: readonly InboxItem[]): void {
    const sendable = this.sendable(items, connection);
    if (sendable.length === 0) return;
    const frames = sendable.map((item) =>
      textFrame(this.encoder.encode(item, connection.recipient, connection.format)),
    );
    connection.send(frames, nextPing(), sendable);
    this.bound(connection);
  }

  /** Builds the frames of bare texts once, for all connections that take the same topics as this one. */
  share(connection: Connection, items: readonly InboxItem[]): SharedFrames | null {
    const sendable = this.sendable(items, connection);
    if (sendable.length === 0) return null;
    const ping = nextPing();
    return {
      bytes: Buffer.concat([...sendable.map(({ text }) => textFrame(text)), pingFrame(ping)]),
      ping,
      items: sendable,
    };
  }

  /** Sends a connection what was built for many. */
  sendShared(connection: Connection, { bytes, ping, items }: SharedFrames): void {
    connection.sendShared(bytes, ping, items);
    this.bound(connection);
  }

  private sendable(items: readonly InboxItem[], connection: Connection): InboxItem[] {
    const now = this.clock.now();
    return items.filter(({ topic, expiresAt }) => connection.takes(topic) && (expiresAt === null || expiresAt > now));
  }

  /** A consumer that does not read must not cost memory without bound. */
  private bound(connection: Connection): void {
    if (connection.bufferedBytes <= this.settings.maxBufferedBytes) return;
    this.logger.debug('A connection was cut off: its consumer does not read');
    connection.cutOff();
  }
}
