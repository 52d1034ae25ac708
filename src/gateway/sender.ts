import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import type { InboxItem } from '../delivery/inbox.js';
import { Log } from '../log/log.js';
import { LogThrottle } from '../log/log-throttle.js';
import { logged } from '../log/log-line.js';
import { Metrics } from '../metrics/metrics.js';
import { traced } from '../traces/tracing.js';
import { type Connection, type Flight, nextPing } from './connection.js';
import { DeliverySpans } from './delivery-spans.js';
import { FrameEncoder } from './frame-encoder.js';
import { pingFrame, textFrame } from './frames.js';
import { Trail } from './trail.js';

/** Bytes of frames after which a ping follows: what a slow peer must take between two heartbeats to be seen alive. */
const FLIGHT_BYTES = 16_384;

/** What can't be framed is told of once in so many milliseconds: it is tried for each connection, again and again. */
const WARNING_STEP = 10_000;

/** Frames, pings among and behind them, and what their pongs prove. */
export interface Shipment {
  readonly bytes: Buffer;
  readonly flights: readonly Flight[];
  /** How many messages there are in it, and how many of them are global. */
  readonly count: number;
  readonly globals: number;
  /** When the first of the messages expires, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Puts messages on the wire: what has not expired at this very moment, and a ping behind it. */
@Injectable()
export class Sender {
  private readonly log = new Log(Sender.name);
  private readonly warnings = new LogThrottle(WARNING_STEP);

  constructor(
    private readonly settings: Settings,
    private readonly clock: DatabaseClock,
    private readonly encoder: FrameEncoder,
    private readonly metrics: Metrics,
    private readonly trail: Trail,
    private readonly spans: DeliverySpans,
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
    const texts: Buffer[] = [];
    const sendable: InboxItem[] = [];
    for (const item of this.sendable(items, connection)) {
      const frame = this.frame(connection, item);
      if (!frame) continue;
      texts.push(frame);
      sendable.push(item);
    }
    if (sendable.length === 0) return null;
    if (logged.debug) this.trail.packed(sendable);
    if (traced.by) this.spans.packed(connection, sendable);
    const frames: Buffer[] = [];
    const flights: Flight[] = [];
    let first = 0;
    let bytes = 0;
    texts.forEach((frame, i) => {
      frames.push(frame);
      bytes += frame.length;
      if (bytes < FLIGHT_BYTES && i < sendable.length - 1) return;
      const items = sendable.slice(first, i + 1).map(({ seq, global }) => ({ seq, global }));
      const ping = nextPing();
      flights.push({ ping, items });
      frames.push(pingFrame(ping));
      first = i + 1;
      bytes = 0;
    });
    const expiresAt = Math.min(...sendable.map((item) => item.expiresAt ?? Infinity));
    let globals = 0;
    for (const item of sendable) if (item.global) globals += 1;
    if (connection.live) this.observe(sendable);
    return { bytes: Buffer.concat(frames), flights, count: sendable.length, globals, expiresAt };
  }

  /** Whether a message in it has expired since it was packed. */
  isStale({ expiresAt }: Shipment): boolean {
    return expiresAt <= this.clock.now();
  }

  /**
   * Sends a connection what was packed for it. A consumer that does not read must not cost memory without bound: when too
   * much waits already it is cut off. What is written now does not count, so that no message is too large to ever arrive.
   */
  ship(connection: Connection, { bytes, flights, count, globals }: Shipment): void {
    if (connection.bufferedBytes <= this.settings.maxBufferedBytes && !connection.silent) {
      connection.send(bytes, flights);
      const { messagesSent, pings } = this.metrics;
      messagesSent.global.add(globals);
      messagesSent.recipient.add(count - globals);
      pings.add(flights.length);
      if (logged.debug) this.trail.written(connection, flights);
      if (traced.by) this.spans.sent(connection, flights);
      return;
    }
    if (logged.debug)
      this.trail.ended('connection.stalled', 'A connection was cut off: its consumer does not read', connection);
    connection.cutOff('slow_consumer');
  }

  /** A message as a frame, or null when the encoder fails at it: no message may stand in the way of others. */
  private frame({ format, recipient }: Connection, item: InboxItem): Buffer | null {
    try {
      return textFrame(format === 'text' ? this.encoder.text(item) : this.encoder.cloudEvent(item, recipient));
    } catch (error) {
      if (this.warnings.isDue())
        this.log.write('message.unframed', 'A message can be made no frame of, and stays PENDING', {
          message: item.id,
          error,
        });
      return null;
    }
  }

  /** How late these are, for a connection that has read its backlog and waits for them. */
  private observe(items: readonly InboxItem[]): void {
    const now = this.clock.now();
    for (const { createdAt } of items) this.metrics.pushToFrame.observe(Math.max(0, now - createdAt) / 1_000);
  }

  private sendable(items: readonly InboxItem[], connection: Connection): InboxItem[] {
    const now = this.clock.now();
    return items.filter(({ topic, expiresAt }) => connection.takes(topic) && (expiresAt === null || expiresAt > now));
  }
}
