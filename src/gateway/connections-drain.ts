import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { ProofLedger } from '../delivery/proof-ledger.js';
import { Drain } from '../drain/drain.js';
import { DomainEvents } from '../events/domain-events.js';
import { CLOSE } from './close-codes.js';
import { Door } from './door.js';
import { Hub } from './hub.js';

const STEP = 50;
/** How long peers have for the closing handshake at the end, in milliseconds. */
const HANDSHAKE_TIME = 1_000;

/** Empties the gateway when the node stops: no new connections, the open ones closed a few at a time, their proofs recorded. */
@Injectable()
export class ConnectionsDrain implements OnModuleInit {
  private readonly logger = new Logger(ConnectionsDrain.name);

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
    const connections = [...this.hub];
    // Clients come back at once, to other nodes: spreading them over time is what keeps those alive.
    const steps = connections.length === 0 ? 0 : Math.max(1, Math.floor(this.settings.drainTime / STEP));
    const perStep = Math.ceil(connections.length / Math.max(1, steps));
    for (let i = 0; i < connections.length; i += perStep) {
      for (const connection of connections.slice(i, i + perStep)) connection.close(CLOSE.restart);
      if (i + perStep < connections.length) await pause(STEP);
    }
    for (const deadline = performance.now() + HANDSHAKE_TIME; this.hub.size > 0 && performance.now() < deadline;)
      await pause(10);
    for (const connection of [...this.hub]) connection.cutOff();
    await this.events.settle();
    await this.ledger.settleAll().catch((error: unknown) => {
      this.logger.warn(`The last proofs could not be recorded: ${(error as Error).message}`);
    });
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
