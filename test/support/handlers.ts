import { Injectable } from '@nestjs/common';
import { GlobalMessagePushed } from '../../src/events/global-message-pushed.event.js';
import type { HandledEvent, HandledEventClass } from '../../src/events/handled-events.js';
import { MessageCancelled } from '../../src/events/message-cancelled.event.js';
import { MessageDelivered } from '../../src/events/message-delivered.event.js';
import { MessagesPushed } from '../../src/events/messages-pushed.event.js';
import { RecipientConnected } from '../../src/events/recipient-connected.event.js';
import { RecipientDisconnected } from '../../src/events/recipient-disconnected.event.js';
import { OnDomainEvent } from '../../src/handlers/on-domain-event.decorator.js';
import type { Extension } from '../../src/extension.js';

/** The way in which an event came to a handler. */
export type Way = 'live' | 'durable';

/** Handlers of both ways for every class of events, which do what a test wants. */
@Injectable()
export class AllHandlers {
  /** @param handle is given each event by each of the two ways */
  constructor(private readonly handle: (way: Way, event: HandledEvent) => unknown) {}

  @OnDomainEvent(MessagesPushed)
  @OnDomainEvent(GlobalMessagePushed)
  @OnDomainEvent(MessageDelivered)
  @OnDomainEvent(MessageCancelled)
  @OnDomainEvent(RecipientConnected)
  @OnDomainEvent(RecipientDisconnected)
  live(event: HandledEvent): unknown {
    return this.handle('live', event);
  }

  @OnDomainEvent(MessagesPushed, { durable: 'messages-pushed', timeout: 2_000 })
  @OnDomainEvent(GlobalMessagePushed, { durable: 'global-message-pushed', timeout: 2_000 })
  @OnDomainEvent(MessageDelivered, { durable: 'message-delivered', timeout: 2_000 })
  @OnDomainEvent(MessageCancelled, { durable: 'message-cancelled', timeout: 2_000 })
  @OnDomainEvent(RecipientConnected, { durable: 'recipient-connected', timeout: 2_000 })
  @OnDomainEvent(RecipientDisconnected, { durable: 'recipient-disconnected', timeout: 2_000 })
  durable(event: HandledEvent): unknown {
    return this.handle('durable', event);
  }
}

/** What adds these handlers to a service: the same to each of its nodes. */
export function withHandlers(...handlers: readonly object[]): Extension {
  class Handling {}
  const providers = handlers.map((handler) => ({ provide: handler.constructor, useValue: handler }));
  return { imports: [{ module: Handling, providers }] };
}

/** What was handled, by both ways. */
export class Record {
  readonly events: { readonly way: Way; readonly event: HandledEvent }[] = [];

  readonly note = (way: Way, event: HandledEvent): void => void this.events.push({ way, event });

  /** What came by one way, of one class. */
  of<C extends HandledEventClass>(way: Way, eventClass: C): InstanceType<C>[] {
    return this.events
      .filter((one) => one.way === way && one.event instanceof eventClass)
      .map(({ event }) => event as InstanceType<C>);
  }
}
