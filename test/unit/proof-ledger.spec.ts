import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ProofLedger } from '../../src/delivery/proof-ledger.js';
import type { Proof } from '../../src/events/delivery-confirmed.event.js';

const proof = (seq: number): Proof => ({ seq, provenAt: 0 });

describe('the ledger of proofs', () => {
  let recorded: number[];
  let record: ReturnType<typeof vi.fn<(proofs: readonly Proof[]) => Promise<void>>>;
  let ledger: ProofLedger;
  beforeEach(() => {
    recorded = [];
    record = vi.fn(async (proofs: readonly Proof[]) => void recorded.push(...proofs.map(({ seq }) => seq)));
    const repository = { record, recordGlobal: () => Promise.resolve() };
    ledger = new ProofLedger({ publish: () => undefined } as never, repository as never);
  });

  it('records a proof once more at the second settling after it', async () => {
    ledger.add([proof(1)], []);
    await ledger.settle();
    expect(recorded).toEqual([]);
    await ledger.settle();
    expect(recorded).toEqual([1]);
  });

  it('keeps a proof whose record failed, and tries again', async () => {
    ledger.add([proof(1)], []);
    await ledger.settle();
    record.mockRejectedValueOnce(new Error('no database'));
    await expect(ledger.settle()).rejects.toThrow('no database');
    expect(ledger.holds(1)).toBe(true);
    await ledger.settle();
    expect(recorded).toEqual([1]);
  });

  it('loses no proof when it is settled while it settles, as at the end of the process', async () => {
    ledger.add([proof(1)], []);
    await ledger.settle();
    ledger.add([proof(2)], []);
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    record.mockImplementation((proofs) => gate.then(() => void recorded.push(...proofs.map(({ seq }) => seq))));
    const settlings = Promise.all([ledger.settle(), ledger.settleAll()]);
    open();
    await settlings;
    expect(recorded).toContain(2);
  });

  it('holds a proof for one settling longer, since a statement that began before its record still shows PENDING', async () => {
    ledger.add([proof(1)], []);
    await ledger.settle();
    await ledger.settle();
    expect(ledger.holds(1)).toBe(true);
    await ledger.settle();
    expect(ledger.holds(1)).toBe(false);
  });
});
