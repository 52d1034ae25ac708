import type { Installation } from './installation.js';
import type { Fate } from './faults.js';
import { type History, proofsBy } from './history.js';

/** What happened in all histories together: a search in which nothing is cancelled, or sent again, says little. */
export class Tally {
  private readonly counts = {
    sequences: 0,
    messages: 0,
    'global messages': 0,
    connections: 0,
    frames: 0,
    delivered: 0,
    cancelled: 0,
    'sent again to another connection': 0,
    'unproven by the connection that got it': 0,
  };

  add(history: History): void {
    const { counts } = this;
    const rows = history.looks.at(-1)?.messages ?? [];
    counts.sequences += 1;
    counts.messages += rows.length;
    counts['global messages'] += history.pushes.filter(({ recipient }) => recipient === null).length;
    counts.connections += history.connections.length;
    counts.delivered += rows.filter(({ status }) => status === 'DELIVERED').length;
    counts.cancelled += rows.filter(({ status }) => status === 'CANCELLED').length;
    for (const { frames } of history.connections) counts.frames += frames.length;
    for (const push of history.pushes) {
      const takers = history.connections.filter(({ frames }) => frames.some(({ text }) => text === push.text));
      const recipients = new Set(takers.map(({ recipient }) => recipient));
      const proofs = [...recipients].flatMap((recipient) => proofsBy(history, push, recipient));
      counts['sent again to another connection'] += takers.length - recipients.size;
      counts['unproven by the connection that got it'] += takers.length - proofs.length;
    }
  }

  /** The counts, and how often each fault of the queue that there is here befell something. */
  entries(installations: readonly Installation[]): [string, number][] {
    const fates = Object.keys(installations[0]?.faults.befell ?? {}) as Fate[];
    const sum = (fate: Fate) => installations.reduce((count, { faults }) => count + (faults.befell[fate] ?? 0), 0);
    return [...Object.entries(this.counts), ...fates.map((fate): [string, number] => [fate, sum(fate)])];
  }

  tell(installations: readonly Installation[]): string {
    return this.entries(installations)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  }
}
