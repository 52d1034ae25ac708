import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { ProofLedger } from '../delivery/proof-ledger.js';
import { Log } from '../log/log.js';
import { Drainer } from './drainer.js';
import { GlobalFanOut } from './global-fan-out.js';
import { Hub } from './hub.js';

const SLICES = 20;

/**
 * Makes up for lost events. Once in `RECONCILE_INTERVAL`, a slice at a time, it reads the inbox of every connection of
 * this node, and records proofs whose records may have been lost. Its cost depends on the connections, not on what is
 * stored. It needs neither the queue nor the relay.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Log(Reconciler.name);
  private timer: NodeJS.Timeout | undefined;
  private tick = 0;
  private settling: Promise<void> | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly hub: Hub,
    private readonly drainer: Drainer,
    private readonly fanOut: GlobalFanOut,
    private readonly ledger: ProofLedger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.step(), this.settings.reconcileInterval / SLICES).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Reads everything at once: after the relay was away. */
  reconcileAll(): void {
    for (const connection of this.hub) this.drainer.lookAfter(connection);
    for (const tenant of this.hub.tenantNames) this.fanOut.wake(tenant);
  }

  private step(): void {
    this.tick = (this.tick + 1) % SLICES;
    for (const connection of this.hub.slice(this.tick, SLICES)) this.drainer.lookAfter(connection);
    if (this.tick !== 0) return;
    for (const tenant of this.hub.tenantNames) this.fanOut.wake(tenant);
    this.settling ??= this.settle().finally(() => (this.settling = null));
  }

  private async settle(): Promise<void> {
    try {
      await this.ledger.settle();
    } catch (error) {
      this.log.write('proofs.unrecorded', 'Proofs could not be recorded; trying again', { error });
    }
  }
}
