import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.js';
import { HandledEvents } from '../events/handled-events.js';
import { RecipientConnected } from '../events/recipient-connected.event.js';
import { RecipientDisconnected } from '../events/recipient-disconnected.event.js';
import { CLOSE } from './close-codes.js';
import type { Connection } from './connection.js';

/** Tells handlers of the connections of this node that open and end, and remembers of each what only they need. */
@Injectable()
export class ConnectionEvents {
  private readonly ids = new WeakMap<Connection, string>();

  constructor(
    private readonly handled: HandledEvents,
    private readonly clock: DatabaseClock,
  ) {}

  /** A connection was let in. @param id gives the id of the request that opened it */
  opened(connection: Connection, id: () => string): void {
    const { handled } = this;
    if (!handled.hears(RecipientConnected) && !handled.hears(RecipientDisconnected)) return;
    const connectionId = id();
    this.ids.set(connection, connectionId);
    const { tenant, recipient, topic } = connection;
    const connectedAt = new Date(this.clock.now());
    handled.tell(new RecipientConnected({ tenant, recipient, topic, connectionId, connectedAt }));
  }

  /** It has ended, with this code and reason as its client's close frame has them. */
  ended(connection: Connection, code: number, reason: Buffer): void {
    const connectionId = this.ids.get(connection);
    if (connectionId === undefined) return;
    const { tenant, recipient, topic, closedBecause } = connection;
    // A client answers our close frame with its code, and mostly without its reason, or not at all.
    const ours = Object.values(CLOSE).find(({ name }) => name === closedBecause);
    this.handled.tell(
      new RecipientDisconnected({
        ...{ tenant, recipient, topic, connectionId },
        disconnectedAt: new Date(this.clock.now()),
        ...(ours ? { code: ours.code, reason: ours.reason } : { code, reason: reason.toString() }),
      }),
    );
  }
}
