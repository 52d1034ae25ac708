import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryProcessor } from '../../src/delivery/delivery.processor.js';
import { ProofLedger } from '../../src/delivery/proof-ledger.js';
import { DeliveryConfirmed, type GlobalProofs, type Proof } from '../../src/events/delivery-confirmed.event.js';
import { Metrics } from '../../src/metrics/metrics.js';

const NODE = 'this node';

describe('the ledger of proofs', () => {
  let recorded: number[];
  let recordedGlobal: string[];
  let published: DeliveryConfirmed[];
  let record: ReturnType<typeof vi.fn<(proofs: readonly Proof[]) => Promise<void>>>;
  let ledger: ProofLedger;
  let processor: DeliveryProcessor;
  beforeEach(() => {
    [recorded, recordedGlobal] = [[], []];
    const events: DeliveryConfirmed[] = [];
    published = events;
    record = vi.fn(async (proofs: readonly Proof[]) => void recorded.push(...proofs.map(({ seq }) => seq)));
    const recordGlobal = async (proofs: readonly GlobalProofs[]) => {
      for (const { seq, recipients } of proofs) recordedGlobal.push(...recipients.map((name) => `${seq} ${name}`));
    };
    const repository = { record, recordGlobal } as never;
    ledger = new ProofLedger({ publish: (event: DeliveryConfirmed) => events.push(event) } as never, repository);
    const unused = null as never;
    const node = { text: NODE } as never;
    processor = new DeliveryProcessor(unused, unused, unused, unused, node, repository, ledger, unused, new Metrics());
  });

  const add = (seq: number, recipient = 'anna') => ledger.add(recipient, [{ seq, global: false }], 7);
  const addGlobal = (seq: number, recipient: string) => ledger.add(recipient, [{ seq, global: true }], 7);

  /** The worker takes a job of that node with these events. */
  async function work(events: readonly DeliveryConfirmed[] = published, node = NODE): Promise<void> {
    await processor.process({ name: DeliveryConfirmed.name, data: { node, events } } as never);
  }

  it('records a proof once more at the second settling after it', async () => {
    add(1);
    addGlobal(2, 'anna');
    await ledger.settle();
    expect([recorded, recordedGlobal]).toEqual([[], []]);
    await ledger.settle();
    expect([recorded, recordedGlobal]).toEqual([[1], ['2 anna']]);
  });

  it('keeps a proof whose record failed, and tries again', async () => {
    add(1);
    await ledger.settle();
    record.mockRejectedValueOnce(new Error('no database'));
    await expect(ledger.settle()).rejects.toThrow('no database');
    expect(ledger.holds(1)).toBe(true);
    await ledger.settle();
    expect(recorded).toEqual([1]);
  });

  it('loses no proof when it is settled while it settles, as at the end of the process', async () => {
    add(1);
    await ledger.settle();
    add(2);
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    record.mockImplementation((proofs) => gate.then(() => void recorded.push(...proofs.map(({ seq }) => seq))));
    const settlings = Promise.all([ledger.settle(), ledger.settleAll()]);
    open();
    await settlings;
    expect(recorded).toContain(2);
  });

  it('holds a proof for one settling longer, since a statement that began before its record still shows PENDING', async () => {
    add(1);
    addGlobal(2, 'anna');
    await ledger.settle();
    await ledger.settle();
    expect([ledger.holds(1), ledger.holdsGlobal(2, 'anna')]).toEqual([true, true]);
    await ledger.settle();
    expect([ledger.holds(1), ledger.holdsGlobal(2, 'anna')]).toEqual([false, false]);
  });

  it('holds a proof that comes while it settles for as long, and records it', async () => {
    add(1);
    await ledger.settle();
    record.mockImplementationOnce(async () => add(2));
    await ledger.settle();
    await ledger.settle();
    expect(recorded).toEqual([2]);
    expect(ledger.holds(2)).toBe(true);
  });

  it('holds a global message for who has proven it, and a message and a global one apart', () => {
    add(1);
    addGlobal(2, 'anna');
    addGlobal(2, 'bert');
    expect(['anna', 'bert', 'carl'].map((name) => ledger.holdsGlobal(2, name))).toEqual([true, true, false]);
    expect([ledger.holds(2), ledger.holdsGlobal(1, 'anna')]).toEqual([false, false]);
  });

  it('says what one turn of the event loop proved in one event, a global message by its recipients', async () => {
    add(1);
    addGlobal(2, 'anna');
    addGlobal(2, 'bert');
    addGlobal(3, 'bert');
    await turn();
    addGlobal(2, 'carl');
    await turn();
    const global = (seq: number, ...recipients: string[]) => ({ seq, recipients, provenAt: recipients.map(() => 7) });
    expect(published).toEqual([
      new DeliveryConfirmed(1, [{ seq: 1, provenAt: 7 }], [global(2, 'anna', 'bert'), global(3, 'bert')]),
      new DeliveryConfirmed(2, [], [global(2, 'carl')]),
    ]);
  });

  it('does not record again what the worker of this process has recorded, and goes on holding it', async () => {
    add(1);
    addGlobal(2, 'anna');
    await turn();
    await work();
    expect([recorded, recordedGlobal]).toEqual([[1], ['2 anna']]);
    await ledger.settleAll();
    expect([recorded, recordedGlobal]).toEqual([[1], ['2 anna']]);
    expect([ledger.holds(1), ledger.holdsGlobal(2, 'anna')]).toEqual([true, true]);
  });

  it('does not record again what the worker recorded when the proof was on the older page', async () => {
    add(1);
    await ledger.settle();
    await work();
    await ledger.settle();
    expect(recorded).toEqual([1]);
  });

  it('records again what nobody said was recorded: beside what is, of another node, of a job that failed', async () => {
    for (const seq of [1, 2, 3]) {
      add(seq);
      await turn();
    }
    await work(published.slice(0, 1));
    // Every node counts its events by itself.
    await work([new DeliveryConfirmed(2, [], [])], 'another node');
    record.mockRejectedValueOnce(new Error('no database'));
    await expect(work(published.slice(2))).rejects.toThrow('no database');
    recorded = [];
    await ledger.settleAll();
    expect(recorded).toEqual([2, 3]);
  });

  it('records at the end of the process what came right before, whether it was published or not', async () => {
    add(1);
    await turn();
    addGlobal(2, 'anna');
    await ledger.settleAll();
    expect([recorded, recordedGlobal]).toEqual([[1], ['2 anna']]);
    expect(published.map(({ number }) => number)).toEqual([1, 2]);
    await turn();
    expect(published).toHaveLength(2);
  });
});
