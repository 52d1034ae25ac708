import { Injectable } from '@nestjs/common';
import { DeliveryConfirmed, type Proof } from '../events/delivery-confirmed.event.js';
import { DomainEvents } from '../events/domain-events.js';
import type { Place } from '../traces/tracing.js';
import { ProofsRepository } from './proofs.repository.js';

/** An event bears the places of so many traces. */
const MOST_PLACES = 32;

/** Which message: as much of it as the record of its proof needs. */
export interface MessageRef {
  readonly seq: number;
  readonly global: boolean;
}

/** The proofs of one turn of the event loop. */
interface Batch {
  readonly proofs: Proof[];
  readonly globalProofs: Map<
    number,
    { readonly seq: number; readonly recipients: string[]; readonly provenAt: number[] }
  >;
  places?: Place[];
}

/** What was proven in some stretch of time, and the events about it that nobody is known to have worked. */
class Page {
  readonly proven = new Set<number>();
  readonly globalsProven = new Map<number, Set<string>>();
  readonly unconfirmed = new Map<number, DeliveryConfirmed>();
}

/**
 * This node's proofs of the last moments. A proof goes to the processor by the queue; since a queue may lose it, the
 * ledger records it once more, directly, a while later, unless the processor of this very process has said that it did.
 * Recording twice changes nothing.
 */
@Injectable()
export class ProofLedger {
  private current = new Page();
  private previous = new Page();
  /** Already recorded; a statement that began before may still show them PENDING. */
  private recorded = new Page();
  private settling: Promise<void> = Promise.resolve();
  private fresh: Batch | null = null;
  private lastNumber = 0;

  constructor(
    private readonly events: DomainEvents,
    private readonly repository: ProofsRepository,
  ) {}

  /**
   * Takes what a recipient's pong proved, and when, in milliseconds since the epoch.
   * @param places where the traces of that go on, if there are any
   */
  add(recipient: string, items: readonly MessageRef[], provenAt: number, places?: readonly Place[]): void {
    const batch = (this.fresh ??= this.begin());
    if (places?.length) batch.places = [...(batch.places ?? []), ...places].slice(0, MOST_PLACES);
    for (const { seq, global } of items) {
      if (global) this.addGlobal(batch, seq, recipient, provenAt);
      else {
        this.current.proven.add(seq);
        batch.proofs.push({ seq, provenAt });
      }
    }
  }

  /** Whether the message was proven here and its record may still be on the way. */
  holds(seq: number): boolean {
    return this.pages.some(({ proven }) => proven.has(seq));
  }

  /** The same for a global message and a recipient. */
  holdsGlobal(seq: number, recipient: string): boolean {
    return this.pages.some(({ globalsProven }) => globalsProven.get(seq)?.has(recipient));
  }

  /** The proofs of this event have been recorded. */
  confirm(number: number): void {
    this.current.unconfirmed.delete(number);
    this.previous.unconfirmed.delete(number);
  }

  /**
   * Records everything that was already here at the last call and is not known to be recorded, and forgets it at the next one.
   * One call waits for the other.
   */
  settle(): Promise<void> {
    this.settling = this.settling.catch(() => undefined).then(() => this.recordPrevious());
    return this.settling;
  }

  /** Records everything at once, before the process ends. */
  async settleAll(): Promise<void> {
    await this.settle();
    await this.settle();
  }

  private get pages(): readonly Page[] {
    return [this.current, this.previous, this.recorded];
  }

  private begin(): Batch {
    setImmediate(() => this.publish());
    return { proofs: [], globalProofs: new Map() };
  }

  private addGlobal({ globalProofs }: Batch, seq: number, recipient: string, provenAt: number): void {
    const { globalsProven } = this.current;
    const recipients = globalsProven.get(seq);
    if (recipients) recipients.add(recipient);
    else globalsProven.set(seq, new Set([recipient]));
    const proofs = globalProofs.get(seq);
    if (!proofs) globalProofs.set(seq, { seq, recipients: [recipient], provenAt: [provenAt] });
    else {
      proofs.recipients.push(recipient);
      proofs.provenAt.push(provenAt);
    }
  }

  /** The pongs of one turn of the event loop share an event. */
  private publish(): void {
    if (!this.fresh) return;
    const { proofs, globalProofs, places } = this.fresh;
    this.fresh = null;
    this.lastNumber += 1;
    const event = new DeliveryConfirmed(this.lastNumber, proofs, [...globalProofs.values()], places);
    this.current.unconfirmed.set(event.number, event);
    this.events.publish(event);
  }

  private async recordPrevious(): Promise<void> {
    const unconfirmed = [...this.previous.unconfirmed.values()];
    await this.repository.record(unconfirmed.flatMap(({ proofs }) => proofs));
    await this.repository.recordGlobal(unconfirmed.flatMap(({ globalProofs }) => globalProofs));
    // What was added meanwhile must not be on an older page than the event about it, nor be left out at the end of the process.
    this.publish();
    this.recorded = this.previous;
    this.previous = this.current;
    this.current = new Page();
  }
}
