import { Injectable } from '@nestjs/common';
import { DeliveryConfirmed, type GlobalProof, type Proof } from '../events/delivery-confirmed.event.js';
import { DomainEvents } from '../events/domain-events.js';
import { ProofsRepository } from './proofs.repository.js';

interface Page {
  readonly proofs: Map<number, Proof>;
  readonly globalProofs: Map<string, GlobalProof>;
}

const emptyPage = (): Page => ({ proofs: new Map(), globalProofs: new Map() });
const globalKey = (globalMessageId: string, recipient: string) => `${globalMessageId} ${recipient}`;

/**
 * This node's proofs of the last moments. A proof goes to the processor by the queue; since a queue may lose it, the
 * ledger records it once more, directly, a while later. Recording twice changes nothing.
 */
@Injectable()
export class ProofLedger {
  private current = emptyPage();
  private previous = emptyPage();
  /** Already recorded; a statement that began before may still show them PENDING. */
  private recorded = emptyPage();
  private settling: Promise<void> = Promise.resolve();
  private fresh = { proofs: [] as Proof[], globalProofs: [] as GlobalProof[] };

  constructor(
    private readonly events: DomainEvents,
    private readonly repository: ProofsRepository,
  ) {}

  /** Takes what a pong proved. */
  add(proofs: readonly Proof[], globalProofs: readonly GlobalProof[]): void {
    for (const proof of proofs) this.current.proofs.set(proof.seq, proof);
    for (const proof of globalProofs)
      this.current.globalProofs.set(globalKey(proof.globalMessageId, proof.recipient), proof);
    if (this.fresh.proofs.length + this.fresh.globalProofs.length === 0) setImmediate(() => this.publish());
    this.fresh.proofs.push(...proofs);
    this.fresh.globalProofs.push(...globalProofs);
  }

  /** Whether the message was proven here and its record may still be on the way. */
  holds(seq: number): boolean {
    return this.pages.some(({ proofs }) => proofs.has(seq));
  }

  /** The same for a global message and a recipient. */
  holdsGlobal(globalMessageId: string, recipient: string): boolean {
    const key = globalKey(globalMessageId, recipient);
    return this.pages.some(({ globalProofs }) => globalProofs.has(key));
  }

  private get pages(): readonly Page[] {
    return [this.current, this.previous, this.recorded];
  }

  /** Records everything that was already here at the last call, and forgets it at the next one. One call waits for the other. */
  settle(): Promise<void> {
    this.settling = this.settling.catch(() => undefined).then(() => this.recordPrevious());
    return this.settling;
  }

  /** The pongs of one turn of the event loop share an event. */
  private publish(): void {
    const { proofs, globalProofs } = this.fresh;
    this.fresh = { proofs: [], globalProofs: [] };
    this.events.publish(new DeliveryConfirmed(proofs, globalProofs));
  }

  /** Records everything at once, before the process ends. */
  async settleAll(): Promise<void> {
    await this.settle();
    await this.settle();
  }

  private async recordPrevious(): Promise<void> {
    const { proofs, globalProofs } = this.previous;
    await this.repository.record([...proofs.values()]);
    await this.repository.recordGlobal([...globalProofs.values()]);
    this.recorded = this.previous;
    this.previous = this.current;
    this.current = emptyPage();
  }
}
