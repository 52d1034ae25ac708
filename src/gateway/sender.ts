import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import type { InboxItem } from '../delivery/inbox.js';
import { type Connection, nextPing, type SentItem } from './connection.js';
import { FrameEncoder } from './frame-encoder.js';
import { pingFrame, textFrame } from './frames.js';

/** Frames, the ping behind them, and what its pong proves. */
export interface Shipment {
  readonly bytes: Buffer;
  readonly ping: number;
  readonly items: readonly SentItem[];
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
    const shipment = this.pack(connection, items);
    if (shipment) this.ship(connection, shipment);
  }

  /**
   * Builds the frames of those messages that are for this connection, or gives null when nothing is left of them. Bare
   * texts can be shipped to all connections that take the same topics.
   */
  pack(connection: Connection, items: readonly InboxItem[]): Shipment | null {
    const sendable = this.sendable(items, connection);
    if (sendable.length === 0) return null;
    const ping = nextPing();
    const frames = sendable.map((item) =>
      textFrame(this.encoder.encode(item, connection.recipient, connection.format)),
    );
    return {
      bytes: Buffer.concat([...frames, pingFrame(ping)]),
      ping,
      items: sendable.map(({ seq, id, global }) => ({ seq, id, global })),
    };
  }

  /**
   * Sends a connection what was packed for it. A consumer that does not read must not cost memory without bound: when too
   * much waits already it is cut off. What is written now does not count, so that no message is too large to ever arrive.
   */
  ship(connection: Connection, { bytes, ping, items }: Shipment): void {
    if (connection.bufferedBytes <= this.settings.maxBufferedBytes && !connection.silent) {
      connection.send(bytes, ping, items);
      return;
    }
    this.logger.debug('A connection was cut off: its consumer does not read');
    connection.cutOff();
  }

  private sendable(items: readonly InboxItem[], connection: Connection): InboxItem[] {
    const now = this.clock.now();
    return items.filter(({ topic, expiresAt }) => connection.takes(topic) && (expiresAt === null || expiresAt > now));
  }
}
