import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Opening, Reading } from '../delivery/inbox.js';
import type { MessageRef } from '../delivery/proof-ledger.js';
import type { Snapshot } from '../delivery/snapshot.js';
import type { ClosedBecause } from '../metrics/metrics.js';
import type { RecipientClaims } from '../recipients/recipient-token.strategy.js';
import type { FrameFormat } from './frame-encoder.js';
import { pingFrame } from './frames.js';
import type { Close } from './close-codes.js';

/** A node's connections are dealt out to this many slots. */
export const SLOTS = 1_000;

/** What is sent before a ping and waits for its pong. A peer that proves nothing must not hold the texts in memory. */
export interface Flight {
  readonly ping: number;
  readonly items: readonly MessageRef[];
}

/** Most connections have nothing under way, and share this. */
const NO_FLIGHTS: readonly Flight[] = [];

/** As many messages may wait for their proof before the next are read: about as many as a fast peer far away proves in a round trip. */
const UNPROVEN_WINDOW = 1_024;
/** Messages that nobody waits for, global ones, may go beyond the window; beyond this the peer is cut off. */
const UNPROVEN_LIMIT = 16_384;

/** What a client sends is counted in windows of so many milliseconds. */
export const INBOUND_WINDOW = 10_000;

let lastSlot = 0;
function nextSlot(): number {
  lastSlot = (lastSlot + 1) % SLOTS;
  return lastSlot;
}

/** Pings are numbered over all connections of the process, so that one frame can serve many of them. */
let lastPing = 0;
export function nextPing(): number {
  lastPing += 1;
  return lastPing;
}

/** The number of the last ping, of whichever connection. */
export function lastPingNumber(): number {
  return lastPing;
}

/**
 * One open WebSocket of a recipient: what it has been given, what it has proven, and what it is owed. It holds no timer
 * and no promise of its own.
 */
export class Connection {
  readonly tenant: string;
  readonly recipient: string;
  readonly topic: string | null;
  /** When the token that it came with was issued, in milliseconds since the epoch. */
  readonly issuedAt: number;

  /** What could be seen before it opened; null when the database did not answer. */
  readonly opened: Opening | null;
  /** What this connection has been given of its recipient's messages; null until its backlog has been read. */
  given: Snapshot | null = null;
  /** The same for global messages. */
  givenGlobals: Snapshot | null = null;
  /** A reading that is under way. */
  reading: Reading | null = null;
  /** Whether the next reading looks for what is PENDING, rather than for news. */
  wantsBacklog = true;
  /** Whether the reading of news that is under way includes global messages. */
  wantsGlobals = false;
  /** Whether global messages were fanned out that it could not take at that moment. */
  missedGlobals = false;
  /** Whether it waits for a reading, or for its socket. */
  busy = false;
  /** Whether there may be news since its reading began. */
  woken = false;
  /** Why it ended, or is about to. */
  closedBecause: ClosedBecause = 'client';

  /** Spreads the work for all connections of a node over time: see `Hub.slice`. */
  readonly slot = nextSlot();

  private flights: readonly Flight[] = NO_FLIGHTS;
  private unprovenItems = 0;
  /** Who waits for proofs before it goes on. */
  private waiting: (() => void) | null = null;
  /** The last ping that had nothing before it; by the next sweep it, or any other, must be answered. */
  private challenge: number | null = null;
  private alive = true;
  private inbound = 0;
  private windowBegan = -Infinity;

  constructor(
    private readonly socket: WebSocket,
    private readonly transport: Socket,
    {
      claims,
      issuedAt,
      opened,
    }: { readonly claims: RecipientClaims; readonly issuedAt: number; readonly opened: Opening | null },
    readonly format: FrameFormat,
  ) {
    this.tenant = claims.tenant;
    this.recipient = claims.recipient;
    this.topic = claims.topic;
    this.issuedAt = issuedAt;
    this.opened = opened;
  }

  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN && this.transport.writable;
  }

  /** Bytes that were written and have not left this process. */
  get bufferedBytes(): number {
    return this.transport.writableLength;
  }

  /** Whether its backlog has been read, and it takes what comes. */
  get live(): boolean {
    return this.given !== null;
  }

  /** Whether something was sent that it has not proven yet. */
  get unproven(): boolean {
    return this.flights.length > 0;
  }

  /** How many messages it was sent and has not proven yet. */
  get unprovenCount(): number {
    return this.unprovenItems;
  }

  /** Whether a message to its recipient was sent to it and waits for its proof. */
  awaits(seq: number): boolean {
    return this.flights.some(({ items }) => items.some((item) => item.seq === seq && !item.global));
  }

  /** The oldest ping behind messages that waits for its pong; null when none does. */
  get firstPing(): number | null {
    return this.flights[0]?.ping ?? null;
  }

  /** Whether messages of this topic are for it: those without one always are. */
  takes(topic: string | null): boolean {
    return topic === null || topic === this.topic;
  }

  /** Whether it proves so little that what it is sent may not be kept in mind any longer. */
  get silent(): boolean {
    return this.unprovenItems > UNPROVEN_LIMIT;
  }

  /** Writes bytes, frames with pings among and behind them, as one. A pong proves the items of its flight, and whatever was sent before. */
  send(bytes: Buffer, flights: readonly Flight[]): void {
    this.flights = this.flights.length === 0 ? flights : [...this.flights, ...flights];
    for (const { items } of flights) this.unprovenItems += items.length;
    this.transport.write(bytes);
  }

  /**
   * Calls back when it may be sent more: at once, or when what is buffered has left and enough of what was sent is
   * proven. Never when it closes before.
   */
  whenReady(callback: () => void): void {
    if (this.transport.writableNeedDrain) this.transport.once('drain', () => this.whenReady(callback));
    else if (this.unprovenItems > UNPROVEN_WINDOW) this.waiting = callback;
    else callback();
  }

  /**
   * Takes a pong and gives the messages that it proves, or null when it answers nothing that is waited for. A peer may
   * answer only the latest of several pings (RFC 6455 §5.5.3), so it proves everything sent before its ping. A number
   * that is not waited for on this connection proves nothing: unsolicited pongs are legal, forged and repeated ones happen.
   */
  pong(number: number): readonly MessageRef[] | null {
    if (number !== this.challenge && !this.flights.some(({ ping }) => ping === number)) return null;
    this.alive = true;
    if (this.challenge !== null && number >= this.challenge) this.challenge = null;
    const proven = this.land(number);
    this.unprovenItems -= proven.length;
    this.goOn();
    return proven;
  }

  /** Takes the flights up to this ping away; gives what was on them. */
  private land(number: number): readonly MessageRef[] {
    const { flights } = this;
    const later = flights.findIndex(({ ping }) => ping > number);
    this.flights = later === -1 ? NO_FLIGHTS : flights.slice(later);
    const landed = later === -1 ? flights : flights.slice(0, later);
    return landed.length === 1 && landed[0] ? landed[0].items : landed.flatMap(({ items }) => items);
  }

  /**
   * Asks whether the peer is alive. False when it has answered nothing since the last time it was asked. One that is closing is
   * not asked: nothing may follow a close frame, and the closing handshake has a time of its own.
   */
  probe(): boolean {
    if (this.socket.readyState !== this.socket.OPEN) return true;
    if (!this.alive) return false;
    this.alive = false;
    this.challenge = nextPing();
    this.transport.write(pingFrame(this.challenge));
    return true;
  }

  private goOn(): void {
    if (!this.waiting || this.unprovenItems > UNPROVEN_WINDOW) return;
    const { waiting } = this;
    this.waiting = null;
    waiting();
  }

  /** Counts a frame that the client sent; gives how many came in this window of ten seconds. */
  countInbound(): number {
    const now = performance.now();
    if (now - this.windowBegan >= INBOUND_WINDOW) {
      this.windowBegan = now;
      this.inbound = 0;
    }
    this.inbound += 1;
    return this.inbound;
  }

  close({ code, reason, name }: Pick<Close, 'code' | 'reason' | 'name'>): void {
    this.closedBecause = name;
    this.socket.close(code, reason);
  }

  /** Reads nothing more of what the client sends. */
  stopReading(): void {
    this.socket.pause();
  }

  /** Ends the connection without a closing handshake: its peer is dead, or does not read. What it has not proven stays PENDING. */
  cutOff(because: ClosedBecause): void {
    this.closedBecause = because;
    this.socket.terminate();
  }
}
