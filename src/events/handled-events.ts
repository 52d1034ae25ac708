import { Injectable } from '@nestjs/common';
import { GlobalMessagePushed } from './global-message-pushed.event.js';
import { MessageCancelled } from './message-cancelled.event.js';
import { MessageDelivered } from './message-delivered.event.js';
import { MessagesPushed } from './messages-pushed.event.js';
import { RecipientConnected } from './recipient-connected.event.js';
import { RecipientDisconnected } from './recipient-disconnected.event.js';

/** The events that handlers can be given. */
export const HANDLED_EVENTS = [
  MessagesPushed,
  GlobalMessagePushed,
  MessageDelivered,
  MessageCancelled,
  RecipientConnected,
  RecipientDisconnected,
] as const;

/** A class of events that handlers can be given. */
export type HandledEventClass = (typeof HANDLED_EVENTS)[number];
/** An event that handlers can be given. */
export type HandledEvent = InstanceType<HandledEventClass>;

/**
 * Which events somebody wants in this process. Whoever makes an event true asks here first: what nobody wants is neither made nor
 * told, and costs no statement anything.
 */
@Injectable()
export class HandledEvents {
  private readonly listeners = new Map<HandledEventClass, ((event: HandledEvent) => void)[]>();
  private readonly kept = new Set<HandledEventClass>();
  private readonly movers: (() => void)[] = [];

  /** Whether somebody in this process listens to these events. */
  hears(eventClass: HandledEventClass): boolean {
    return this.listeners.has(eventClass);
  }

  /** Whether the statement that makes such an event true has to put it into the outbox. */
  keeps(eventClass: HandledEventClass): boolean {
    return this.kept.has(eventClass);
  }

  /** Whether either of the two. */
  wants(eventClass: HandledEventClass): boolean {
    return this.hears(eventClass) || this.keeps(eventClass);
  }

  /** Calls `listener` for each event of the class that this process tells of. It must neither throw nor take long. */
  listen<C extends HandledEventClass>(eventClass: C, listener: (event: InstanceType<C>) => void): void {
    const listeners = this.listeners.get(eventClass) ?? [];
    this.listeners.set(eventClass, [...listeners, listener as (event: HandledEvent) => void]);
  }

  /** Events of this class go into the outbox from now on. */
  keep(eventClass: HandledEventClass): void {
    this.kept.add(eventClass);
  }

  /** Calls `listener` when this process has put something into the outbox. */
  onKept(listener: () => void): void {
    this.movers.push(listener);
  }

  /** Tells those who listen. */
  tell(event: HandledEvent): void {
    for (const listener of this.listeners.get(event.constructor as HandledEventClass) ?? []) listener(event);
  }

  /** Tells of what a statement made true and told of: see `telling`. @returns the events */
  tellAll<C extends HandledEventClass>(
    eventClass: C,
    rows: readonly { readonly facts: ConstructorParameters<C>[0] }[],
  ): InstanceType<C>[] {
    if (rows.length > 0 && this.keeps(eventClass)) this.tellKept();
    const events = rows.map(({ facts }) => new eventClass(facts as never) as InstanceType<C>);
    for (const event of events) this.tell(event);
    return events;
  }

  /** Something was committed to the outbox. */
  tellKept(): void {
    for (const listener of this.movers) listener();
  }
}
