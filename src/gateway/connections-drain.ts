import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { ProofLedger } from '../delivery/proof-ledger.js';
import { Drain } from '../drain/drain.js';
import { DomainEvents } from '../events/domain-events.js';
import { Log } from '../log/log.js';
import { CLOSE } from './close-codes.js';
import { Door } from './door.js';
import { Hub } from './hub.js';

/** Connections that are closed within so many milliseconds are closed together. */
const STEP = 50;
/** How long peers have for the closing handshake at the end, in milliseconds. */
const HANDSHAKE_TIME = 1_000;

/** Empties the gateway when the node stops: no new connections, the open ones closed a few at a time, their proofs recorded. */
@Injectable()
export class ConnectionsDrain implements OnModuleInit {
  private readonly log = new Log(ConnectionsDrain.name);

  constructor(
    private readonly settings: Settings,
    private readonly drain: Drain,
    private readonly door: Door,
    private readonly hub: Hub,
    private readonly ledger: ProofLedger,
    private readonly events: DomainEvents,
  ) {}

  onModuleInit(): void {
    this.drain.onDrain(() => this.empty());
  }

  private async empty(): Promise<void> {
    this.door.shut();
    await this.closeAll();
    for (const deadline = performance.now() + HANDSHAKE_TIME; this.hub.size > 0 && performance.now() < deadline;)
      await pause(10);
    for (const connection of [...this.hub]) connection.cutOff('restart');
    await this.events.settle();
    await this.ledger.settleAll().catch((error: unknown) => {
      this.log.write('proofs.unrecorded', 'The last proofs could not be recorded', { error });
    });
  }

  /**
   * Clients come back at once, to other nodes: spreading them evenly is what keeps those alive. A busy node makes up for one step
   * that was late, and then rather takes longer.
   */
  private async closeAll(): Promise<void> {
    const connections = [...this.hub];
    const interval = Math.max(1, this.settings.drainTime) / connections.length;
    for (let due = -Infinity; connections.length > 0;) {
      const now = performance.now();
      due = Math.max(due, now - STEP);
      const count = 1 + Math.floor((now - due) / interval);
      for (const connection of connections.splice(0, count)) connection.close(CLOSE.restart);
      due += count * interval;
      if (connections.length > 0) await pause(Math.max(STEP, due - now));
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
