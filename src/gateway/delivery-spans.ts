import { Injectable } from '@nestjs/common';
import type { InboxItem } from '../delivery/inbox.js';
import type { MessageRef } from '../delivery/proof-ledger.js';
import type { GlobalSignal, MessagesSignal } from '../relay/relay.js';
import { beginUnder, type Place } from '../traces/tracing.js';
import { BoundedMemory } from './bounded-memory.js';
import type { Connection, Flight } from './connection.js';
import { Hub } from './hub.js';
import { messageKey } from './message-key.js';

/** A push has spans for so many of its deliveries by this node, since it may be for thousands of connections. */
const MOST_DELIVERIES = 100;

/** A push of which this node heard, and that is traced. */
interface Heard {
  readonly place: Place;
  /** By `performance.now()`. */
  readonly at: number;
  deliveriesLeft: number;
}

/** A message of such a push. */
interface Known {
  readonly messageId: string;
  readonly push: Heard;
}

/** One that was written to a connection and waits for its pong. */
interface Written {
  readonly messageId: string;
  readonly place: Place;
  readonly at: number;
}

/**
 * The way of a message through this node as spans: from what it heard to the frame, and from the frame to the pong. It is called while
 * traces are on alone. A span is made when it ends, so that what never ends costs a place in a memory that is bounded. A message of
 * which this node was not told, since its recipient was not here at the push or the reconciler found it, has none.
 */
@Injectable()
export class DeliverySpans {
  /** By transaction, tenant and recipient. */
  private readonly heardOf = new BoundedMemory<string, Heard>();
  private readonly messages = new BoundedMemory<string, Known>();
  private readonly written = new BoundedMemory<string, Written>();
  private readonly numbers = new WeakMap<Connection, number>();
  private lastNumber = 0;

  constructor(private readonly hub: Hub) {}

  heard(signal: MessagesSignal | GlobalSignal): void {
    const { place, tenant, txid } = signal;
    if (place === undefined) return;
    const push: Heard = { place, at: performance.now(), deliveriesLeft: MOST_DELIVERIES };
    const recipients = signal.kind === 'global' ? [null] : signal.recipients;
    for (const recipient of recipients) {
      if (recipient !== null && this.hub.of(tenant, recipient).size === 0) continue;
      const key = audienceKey(txid, tenant, recipient);
      // Two pushes to one recipient in one transaction can't be told apart; nor need the same one be heard twice, from here and the relay.
      if (!this.heardOf.get(key)) this.heardOf.remember(key, push);
    }
  }

  /** These messages are about to be written to this connection, or to all that take the same. */
  packed({ tenant, recipient }: Connection, items: readonly InboxItem[]): void {
    for (const { id, txid, seq, global } of items) {
      const push = this.heardOf.get(audienceKey(txid, tenant, global ? null : recipient));
      if (push) this.messages.remember(messageKey({ seq, global }), { messageId: id, push });
    }
  }

  sent(connection: Connection, flights: readonly Flight[]): void {
    const now = performance.now();
    for (const { items } of flights) {
      for (const ref of items) {
        const known = this.messages.get(messageKey(ref));
        if (!known || known.push.deliveriesLeft <= 0) continue;
        known.push.deliveriesLeft -= 1;
        this.deliver(connection, ref, known, now);
      }
    }
  }

  /** Gives where the traces of what was proven go on. */
  proven(connection: Connection, refs: readonly MessageRef[]): Place[] {
    const number = this.numbers.get(connection);
    if (number === undefined) return [];
    return refs.flatMap((ref) => {
      const key = writtenKey(number, ref);
      const written = this.written.get(key);
      if (!written) return [];
      this.written.forget(key);
      const span = beginUnder(written.place, 'await pong', 'client', factsOf(written.messageId, ref), written.at);
      span?.end();
      return span?.place ?? [];
    });
  }

  private deliver(connection: Connection, ref: MessageRef, { messageId, push }: Known, now: number): void {
    const facts = { ...factsOf(messageId, ref), 'homing.format': connection.format };
    const span = beginUnder(push.place, 'deliver message', 'internal', facts, push.at);
    span?.end();
    const place = span?.place;
    if (place !== undefined)
      this.written.remember(writtenKey(this.numberOf(connection), ref), { messageId, place, at: now });
  }

  private numberOf(connection: Connection): number {
    const known = this.numbers.get(connection);
    if (known !== undefined) return known;
    this.lastNumber += 1;
    this.numbers.set(connection, this.lastNumber);
    return this.lastNumber;
  }
}

function factsOf(messageId: string, { global }: MessageRef) {
  return { 'homing.message_id': messageId, 'homing.global': global };
}

function audienceKey(txid: number, tenant: string, recipient: string | null): string {
  return `${txid} ${tenant}\u0000${recipient ?? ''}`;
}

function writtenKey(connection: number, ref: MessageRef): string {
  return `${connection} ${messageKey(ref)}`;
}
